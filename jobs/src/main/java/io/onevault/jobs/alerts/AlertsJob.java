package io.onevault.jobs.alerts;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.RowChange;
import io.onevault.jobs.alerts.findings.FindingMetrics;
import io.onevault.jobs.alerts.incident.GatherIncidents;
import io.onevault.jobs.alerts.incident.Incident;
import io.onevault.jobs.alerts.inhibition.ExplainAlerts;
import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.rules.CapacityRules;
import io.onevault.jobs.alerts.rules.RuleTables;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.vault.AlertInstanceRows;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.IncidentRows;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** The alerts capability: what values and rules make alerts of, and where those are kept. */
public final class AlertsJob {

    private AlertsJob() {}

    /**
     * Attaches the capability.
     *
     * @param values of all metrics, partitioned by series
     * @param findings what others found, as values; their event time is left out, so that none of
     *     them holds alerts up
     * @param rules what comes into force and what is retired, never holding back event time
     * @param vaultChanges of at least {@link RuleTables#ACKNOWLEDGEMENTS}
     * @param definitions of the metrics, by name
     * @param pollIntervals of the metrics, by name
     * @param forecastInterval how often a series is forecast, zero for never
     * @return every change of every alert, in order for each alert
     */
    public static DataStream<AlertInstance> defineWorkflow(
            DataStream<LiveValue> values,
            List<DataStream<LiveValue>> findings,
            DataStream<RuleUpdate> rules,
            DataStream<CdcRecord> vaultChanges,
            LifecycleSettings settings,
            Map<String, MetricDefinition> definitions,
            Map<String, Duration> pollIntervals,
            Duration forecastInterval,
            FindingSinks sinks) {
        Map<String, String> units = new HashMap<>();
        definitions.forEach((name, definition) -> units.put(name, definition.unit()));
        FindingMetrics.DEFINITIONS.forEach(
                definition -> units.put(definition.name(), definition.unit()));
        Map<String, Duration> intervals = new HashMap<>(pollIntervals);
        intervals.putAll(FindingMetrics.intervals(forecastInterval));
        SingleOutputStreamOperator<AlertInstance> alerts =
                DataStreamUtils.reinterpretAsKeyedStream(
                                withFindings(values, findings), LiveValue::series, Types.STRING)
                        .connect(
                                orders(rules, vaultChanges)
                                        .broadcast(AlertFunction.RULES, AlertFunction.SILENCES))
                        .process(new AlertFunction(settings, units, intervals, forecastInterval))
                        .returns(AlertInstance.class)
                        .uid("alert-lifecycle")
                        .name("alert-lifecycle");
        SingleOutputStreamOperator<AlertInstance> explained =
                alerts.keyBy(alert -> settings.systemOf(alert.subject().target()))
                        .process(new ExplainAlerts(settings.businessHours()))
                        .returns(AlertInstance.class)
                        .uid("explain-alerts")
                        .name("explain-alerts");
        sinks.urgent().write(explained, AlertInstanceRows.TABLE, AlertInstanceRows::row);
        sinks.urgent()
                .write(
                        explained
                                .keyBy(alert -> GatherIncidents.key(alert, settings))
                                .process(new GatherIncidents())
                                .returns(Incident.class)
                                .uid("gather-incidents")
                                .name("gather-incidents"),
                        IncidentRows.TABLE,
                        IncidentRows::row);
        return explained;
    }

    /** All of it partitioned by series, as the values are already. */
    private static DataStream<LiveValue> withFindings(
            DataStream<LiveValue> values, List<DataStream<LiveValue>> findings) {
        DataStream<LiveValue> found = null;
        for (DataStream<LiveValue> each : findings) {
            found = found == null ? each : found.union(each);
        }
        return found == null
                ? values
                : values.union(
                        found.keyBy(LiveValue::series)
                                .assignTimestampsAndWatermarks(NeverHoldsTime.strategy())
                                .uid("findings-without-time")
                                .name("findings-without-time"));
    }

    private static DataStream<AlertOrder> orders(
            DataStream<RuleUpdate> rules, DataStream<CdcRecord> vaultChanges) {
        DataStream<AlertOrder> acknowledgements =
                vaultChanges
                        .<Acknowledgement>flatMap(
                                (record, out) -> {
                                    RowChange change = record.change();
                                    Acknowledgement read =
                                            change == null
                                                    ? null
                                                    : AcknowledgementRows.read(change);
                                    if (read != null) {
                                        out.collect(read);
                                    }
                                })
                        .returns(Acknowledgement.class)
                        .setParallelism(1)
                        .uid("acknowledgements")
                        .name("acknowledgements")
                        .keyBy(Acknowledgement::alertHash, Types.STRING)
                        .process(new NoteFeed())
                        .returns(AlertOrder.class)
                        .setParallelism(1)
                        .uid("note-feed")
                        .name("note-feed")
                        .assignTimestampsAndWatermarks(NeverHoldsTime.strategy())
                        .setParallelism(1)
                        .uid("acknowledgements-without-time")
                        .name("acknowledgements-without-time");
        return rules.map(update -> new AlertOrder(CapacityRules.added(update), null))
                .returns(AlertOrder.class)
                .setParallelism(1)
                .uid("alert-rules")
                .name("alert-rules")
                .union(acknowledgements);
    }
}
