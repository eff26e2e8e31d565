package io.onevault.jobs.alerts;

import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Takes together what rows say of one alert at the same time; keyed by the alert's hash.
 *
 * <p>A transaction may end one note before it inserts the next, and a snapshot has its rows in any
 * order. So it is told when nothing more has come for {@link RuleFeed#SETTLE_MILLIS}, the newest
 * row first: what older ones say then changes nothing. State is cleared with that.
 */
final class NoteFeed extends KeyedProcessFunction<String, Acknowledgement, AlertOrder> {

    private static final long serialVersionUID = 1L;

    private transient ValueState<SettlingNotes> settling;

    /** Alerts of which something came, or was waited for, since this task runs. */
    private transient Set<String> awaited;

    @Override
    public void open(OpenContext context) {
        settling =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "settling-notes", TypeInformation.of(SettlingNotes.class)));
        awaited = new HashSet<>();
    }

    @Override
    public void processElement(Acknowledgement said, Context context, Collector<AlertOrder> out)
            throws Exception {
        SettlingNotes known = settling.value();
        settle(
                (known == null ? SettlingNotes.NONE : known).with(said),
                context,
                RuleFeed.SETTLE_MILLIS);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<AlertOrder> out)
            throws Exception {
        SettlingNotes known = settling.value();
        if (known == null || timestamp < known.dueAt()) {
            return;
        }
        if (!awaited.remove(context.getCurrentKey())) {
            // The rest of its transaction comes once the source has connected again.
            settle(known, context, RuleFeed.RESUME_MILLIS);
            return;
        }
        for (Acknowledgement said : known.notes()) {
            out.collect(new AlertOrder(null, said));
        }
        settling.clear();
    }

    private void settle(SettlingNotes notes, Context context, long millis) throws Exception {
        long at = context.timerService().currentProcessingTime() + millis;
        settling.update(notes.due(at));
        context.timerService().registerProcessingTimeTimer(at);
        awaited.add(context.getCurrentKey());
    }
}
