package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.jobs.metrics.MetricsJob;
import io.onevault.jobs.metrics.WindowSettings;
import io.onevault.jobs.vault.FindingSinks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamEdge;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.runtime.partitioner.BroadcastPartitioner;
import org.apache.flink.streaming.runtime.partitioner.ForwardPartitioner;
import org.junit.jupiter.api.Test;

/** The metrics job with rules, as it is put together. */
class RulesTopologyTest {

    private final List<String> written = new ArrayList<>();

    @Test
    void windowsAreJudgedWhereTheyAreCutByRulesThatAreBroadcast() {
        StreamNode judge = node("judge-windows");
        assertThat(judge.getInEdges()).hasSize(2);
        StreamEdge windows = judge.getInEdges().get(0);
        assertThat(windows.getPartitioner()).isInstanceOf(ForwardPartitioner.class);
        StreamEdge rules = judge.getInEdges().get(1);
        assertThat(rules.getPartitioner()).isInstanceOf(BroadcastPartitioner.class);
        assertThat(judge.getParallelism()).isEqualTo(node("metric-windows").getParallelism());
        assertThat(node("rule-feed").getParallelism()).isEqualTo(1);
        assertThat(written)
                .contains("alert_rule_rejection_s", "capacity_threshold_rejection_s")
                .doesNotHaveDuplicates();
    }

    @Test
    void noStreamIsWrittenByKryo() {
        for (StreamNode node : graph().getStreamNodes()) {
            assertThat(node.getTransformationUID()).matches("[a-z0-9]+(-[a-z0-9]+)*");
            assertThat(node.getTypeSerializersIn()).noneMatch(KryoSerializer.class::isInstance);
            assertThat(node.getTypeSerializerOut()).isNotInstanceOf(KryoSerializer.class);
        }
    }

    private StreamNode node(String uid) {
        return graph().getStreamNodes().stream()
                .filter(node -> uid.equals(node.getTransformationUID()))
                .findFirst()
                .orElseThrow();
    }

    private StreamGraph graph() {
        written.clear();
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(4);
        FindingSinks sinks =
                new FindingSinks() {
                    @Override
                    public <T> void write(
                            DataStream<T> findings, VaultTable table, VaultRowMapper<T> mapper) {
                        written.add(table.satellite());
                        findings.sinkTo(new DiscardingSink<>())
                                .uid("sink-" + table.satellite().replace('_', '-'));
                    }
                };
        MetricsJob.defineWorkflow(
                env.fromData(List.of(), TypeInformation.of(PollResult.class)).uid("polled"),
                WindowSettings.DEFAULT,
                PollCatalogue.load(),
                Map.of(),
                RulesJob.defineWorkflow(
                        env.fromData(List.of(), TypeInformation.of(CdcRecord.class)).uid("changes"),
                        sinks),
                sinks);
        return env.getStreamGraph();
    }
}
