package io.onevault.jobs.alerts;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.jobs.alerts.rules.RuleKind;
import io.onevault.jobs.alerts.rules.RuleRejection;
import io.onevault.jobs.alerts.rules.RuleTables;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.RuleRejectionRows;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** Rules that people write in the vault: validated, rejected with a reason or put in force. */
public final class RulesJob {

    private RulesJob() {}

    /** The same where nobody else wants to know of rejections. */
    public static DataStream<RuleUpdate> defineWorkflow(
            DataStream<CdcRecord> vaultChanges, FindingSinks sinks) {
        return defineWorkflow(vaultChanges, sinks, rejections -> {});
    }

    /**
     * Attaches the feed of rules.
     *
     * @param vaultChanges of at least the tables {@link RuleTables#NAMES}, each table under its own
     *     name and not its partitions'
     * @param sinks for rejections
     * @param rejected takes the stream of rejections
     * @return what comes into force and what is retired, in order, from one subtask; to be
     *     broadcast. It never holds back event time.
     */
    public static DataStream<RuleUpdate> defineWorkflow(
            DataStream<CdcRecord> vaultChanges,
            FindingSinks sinks,
            Consumer<DataStream<RuleRejection>> rejected) {
        SingleOutputStreamOperator<RuleUpdate> updates =
                vaultChanges
                        .keyBy(record -> 0)
                        .process(new RuleFeed())
                        .returns(RuleUpdate.class)
                        .setParallelism(1)
                        .setMaxParallelism(1)
                        .uid("rule-feed")
                        .name("rule-feed");
        DataStream<RuleRejection> rejections = updates.getSideOutput(RuleFeed.REJECTIONS);
        rejected.accept(rejections);
        sinks.write(
                rejections
                        .filter(rejection -> rejection.kind() == RuleKind.ALERT)
                        .setParallelism(1)
                        .uid("alert-rule-rejections")
                        .name("alert-rule-rejections"),
                RuleRejectionRows.ALERT_RULES,
                RuleRejectionRows::row);
        sinks.write(
                rejections
                        .filter(rejection -> rejection.kind() == RuleKind.CAPACITY)
                        .setParallelism(1)
                        .uid("capacity-threshold-rejections")
                        .name("capacity-threshold-rejections"),
                RuleRejectionRows.CAPACITY_THRESHOLDS,
                RuleRejectionRows::row);
        sinks.write(
                rejections
                        .filter(rejection -> rejection.kind() == RuleKind.SILENCE)
                        .setParallelism(1)
                        .uid("alert-silence-rejections")
                        .name("alert-silence-rejections"),
                RuleRejectionRows.SILENCES,
                RuleRejectionRows::row);
        return updates.assignTimestampsAndWatermarks(NeverHoldsTime.strategy())
                .setParallelism(1)
                .uid("rules-without-time")
                .name("rules-without-time");
    }
}
