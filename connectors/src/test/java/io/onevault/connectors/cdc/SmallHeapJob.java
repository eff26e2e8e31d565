package io.onevault.connectors.cdc;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.secret.Secret;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * A job in a process of its own, whose heap the test chooses. Counts what arrives and ends the
 * process when the row with id 0 has come; says what it saw on its standard output. Arguments: url,
 * slot, table.
 */
final class SmallHeapJob {

    private SmallHeapJob() {}

    public static void main(String[] arguments) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        configuration.setString("taskmanager.memory.managed.size", "8m");
        configuration.setString("taskmanager.memory.network.min", "8m");
        configuration.setString("taskmanager.memory.network.max", "8m");
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        env.enableCheckpointing(100);
        PostgresCdcSource.builder("t", arguments[0], "postgres", Secret.NONE)
                .slot(arguments[1])
                .publication(arguments[1])
                .tables(List.of(arguments[2]))
                .heartbeat(Duration.ofMillis(200))
                .queueBytes(16 << 20)
                .build()
                .addTo(env, "changes")
                .process(new Counter())
                .uid("counter")
                .sinkTo(new DiscardingSink<>())
                .uid("sink");
        env.execute("small-heap");
    }

    private static final class Counter extends ProcessFunction<CdcRecord, CdcRecord>
            implements CheckpointListener {
        private static final long serialVersionUID = 1L;

        private long rows;
        private long sum;
        private long largest;
        private long amidst;
        private long total;

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            total++;
            if (rows > 10) {
                amidst++;
            }
        }

        @Override
        public void processElement(CdcRecord record, Context context, Collector<CdcRecord> out) {
            RowChange change = record.change();
            if (change == null || change.after() == null) {
                return;
            }
            rows++;
            long id = Long.parseLong(change.after().get(0).text());
            sum += id;
            largest = Math.max(largest, change.after().get(1).text().length());
            if (rows == 1) {
                System.out.println("first");
            }
            if (id == 0) {
                System.out.printf(
                        "rows=%d sum=%d largest=%d amidst=%b checkpoints=%b%n",
                        rows, sum, largest, amidst > 2, total > 2);
                System.out.flush();
                Runtime.getRuntime().halt(0);
            }
        }
    }
}
