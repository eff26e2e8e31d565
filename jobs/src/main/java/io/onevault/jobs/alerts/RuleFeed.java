package io.onevault.jobs.alerts;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.model.SnapshotBoundary;
import io.onevault.jobs.alerts.rules.RuleHistory;
import io.onevault.jobs.alerts.rules.RuleKind;
import io.onevault.jobs.alerts.rules.RuleRejection;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.alerts.rules.Rulebook;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Turns row changes of the vault's rule tables into updates of the rules in force, one for each
 * transaction; all under one key.
 *
 * <p>A transaction may end one version before it inserts the next, so it is judged as a whole: when
 * the next one begins, or when nothing more has come for {@value #SETTLE_MILLIS} ms. A snapshot is
 * judged when it is complete. State is a {@link RuleHistory} for each rule that has a row, removed
 * with its last row; of a silence, a day after its end, by a timer.
 */
final class RuleFeed extends KeyedProcessFunction<Integer, CdcRecord, RuleUpdate> {

    private static final long serialVersionUID = 1L;

    static final OutputTag<RuleRejection> REJECTIONS =
            new OutputTag<>("rule-rejections", TypeInformation.of(RuleRejection.class));

    static final long SETTLE_MILLIS = 50;

    /** After a restore the rest of a transaction comes once its source has connected again. */
    static final long RESUME_MILLIS = 5_000;

    private static final long NONE = -1;

    private transient MapState<String, RuleHistory> histories;
    private transient ValueState<RuleClock> clock;
    private transient @Nullable Rulebook book;
    private transient RuleClock now;
    private transient boolean pending;
    private transient boolean restored;
    private transient long lastCommit;
    private transient long lastTransaction;
    private transient long decideAt;

    @Override
    public void open(OpenContext context) {
        now = RuleClock.START;
        lastTransaction = NONE;
        histories =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "rule-histories",
                                        Types.STRING,
                                        TypeInformation.of(RuleHistory.class)));
        clock =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "rule-clock", TypeInformation.of(RuleClock.class)));
    }

    @Override
    public void processElement(CdcRecord record, Context context, Collector<RuleUpdate> out)
            throws Exception {
        RowChange change = record.change();
        SnapshotBoundary boundary = record.snapshotBoundary();
        if (boundary == null && (change == null || !RuleKind.concerns(change))) {
            return;
        }
        Rulebook rules = book();
        if (boundary != null) {
            passSnapshot(boundary, rules, context, out);
        } else if (change != null) {
            // Which transaction was under way is not known after a restore, where none is noted.
            if (pending
                    && lastTransaction != NONE
                    && (lastCommit != change.precedingCommitLsn()
                            || lastTransaction != change.transactionId())) {
                decide(rules, context, out);
            }
            lastCommit = change.precedingCommitLsn();
            lastTransaction = change.transactionId();
            now =
                    now.heardOf(
                            change.snapshot() ? change.lsn() : change.precedingCommitLsn(),
                            change.commitTime());
            rules.apply(change, now.snapshot());
            decideLater(context, SETTLE_MILLIS);
        }
        keep(rules);
    }

    private void passSnapshot(
            SnapshotBoundary boundary, Rulebook rules, Context context, Collector<RuleUpdate> out)
            throws Exception {
        if (pending && !now.snapshotOpen()) {
            decide(rules, context, out);
        }
        now = now.heardOf(boundary.lsn(), boundary.timestamp());
        now = now.inSnapshot(boundary.lsn(), !boundary.complete());
        if (boundary.complete()) {
            rules.confirm(boundary.lsn());
            decide(rules, context, out);
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<RuleUpdate> out)
            throws Exception {
        Rulebook rules = book();
        if (restored && !pending) {
            restored = false;
            decideLater(context, RESUME_MILLIS);
        } else if (pending && timestamp >= decideAt) {
            decide(rules, context, out);
            keep(rules);
        } else if (!pending && timestamp >= rules.nextForgotten()) {
            decide(rules, context, out);
            keep(rules);
        }
    }

    /** Every change has its timer; the last one's decides. */
    private void decideLater(Context context, long millis) {
        pending = true;
        decideAt = context.timerService().currentProcessingTime() + millis;
        context.timerService().registerProcessingTimeTimer(decideAt);
    }

    private void decide(Rulebook rules, Context context, Collector<RuleUpdate> out) {
        if (now.snapshotOpen()) {
            return;
        }
        pending = false;
        restored = false;
        long version = now.nextVersion();
        rules.forgetOver(context.timerService().currentProcessingTime());
        Rulebook.Outcome outcome = rules.resolve(version, now.commitTime());
        if (outcome.changes()) {
            now = now.at(version);
            out.collect(outcome.update());
        }
        for (RuleRejection rejection : outcome.rejections()) {
            context.output(REJECTIONS, rejection);
        }
        long next = rules.nextForgotten();
        if (next != Long.MAX_VALUE) {
            context.timerService().registerProcessingTimeTimer(next);
        }
    }

    private Rulebook book() throws Exception {
        Rulebook known = book;
        if (known == null) {
            List<RuleHistory> kept = new ArrayList<>();
            histories.values().forEach(kept::add);
            known = new Rulebook(kept);
            book = known;
            RuleClock last = clock.value();
            now = last == null ? now : last;
            restored = last != null;
        }
        return known;
    }

    private void keep(Rulebook rules) throws Exception {
        clock.update(now);
        for (Map.Entry<String, @Nullable RuleHistory> change : rules.drainChanges().entrySet()) {
            RuleHistory history = change.getValue();
            if (history == null) {
                histories.remove(change.getKey());
            } else {
                histories.put(change.getKey(), history);
            }
        }
    }
}
