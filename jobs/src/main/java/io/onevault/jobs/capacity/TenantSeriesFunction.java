package io.onevault.jobs.capacity;

import io.onevault.jobs.capacity.attribution.Amount;
import io.onevault.jobs.capacity.attribution.Series;
import io.onevault.jobs.capacity.attribution.TenantDelta;
import io.onevault.jobs.capacity.attribution.TenantPeriod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Sums what a tenant has in each table and in all, and reports it; keyed by target and tenant.
 *
 * <p>A series is reported at the end of a period in which a change was counted, and else when it
 * was not for a day. When its last row is gone it is reported once more with zero and forgotten.
 * When a tenant's name becomes known or changes, its series end under the old name with zero.
 */
final class TenantSeriesFunction
        extends KeyedProcessFunction<String, TenantDelta, ResourceUtilization> {

    private static final long serialVersionUID = 1L;

    /** The series of all tables. */
    static final String TOTAL = "";

    private static final long DAY = Duration.ofDays(1).toMillis();

    private final Periods periods;

    private transient ValueState<Tenant> tenant;
    private transient MapState<String, Series> series;
    private transient MapState<Long, TenantPeriod> open;

    TenantSeriesFunction(Periods periods) {
        this.periods = periods;
    }

    /**
     * A tenant of a target.
     *
     * @param target the configured name of the watched server
     * @param key text of the tenant column, empty for rows of nobody
     * @param name its business key, empty when that is not known
     */
    public record Tenant(String target, String key, String name) {

        String shown() {
            return name.isEmpty() ? key : name;
        }
    }

    static String key(TenantDelta delta) {
        return delta.target() + '|' + delta.tenant();
    }

    @Override
    public void open(OpenContext context) {
        tenant = getRuntimeContext().getState(new ValueStateDescriptor<>("tenant", Tenant.class));
        series =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "series", Types.STRING, TypeInformation.of(Series.class)));
        open =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "open-periods",
                                        Types.LONG,
                                        TypeInformation.of(TenantPeriod.class)));
    }

    @Override
    public void processElement(
            TenantDelta delta, Context context, Collector<ResourceUtilization> out)
            throws Exception {
        if (tenant.value() == null) {
            tenant.update(new Tenant(delta.target(), delta.tenant(), ""));
        }
        long end = periods.end(delta.time(), context.timerService().currentWatermark());
        open.put(end, TenantPeriod.with(open.get(end), delta));
        context.timerService().registerEventTimeTimer(end - 1);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<ResourceUtilization> out)
            throws Exception {
        long end = timestamp + 1;
        Tenant known = tenant.value();
        if (known == null) {
            return;
        }
        TenantPeriod period = open.get(end);
        Map<String, Amount> changes = new HashMap<>();
        if (period != null) {
            open.remove(end);
            changes.putAll(period.changes());
            changes.values().stream()
                    .reduce(Amount::plus)
                    .ifPresent(sum -> changes.put(TOTAL, sum));
            known = named(known, period, end, out);
        }
        Map<String, Series> all = new TreeMap<>();
        for (Map.Entry<String, Series> entry : series.entries()) {
            all.put(entry.getKey(), entry.getValue());
        }
        changes.keySet().forEach(relation -> all.putIfAbsent(relation, Series.NEW));
        for (Map.Entry<String, Series> entry : all.entrySet()) {
            report(known, entry, changes, end, context, out);
        }
        if (series.isEmpty() && open.isEmpty()) {
            tenant.clear();
        }
    }

    private void report(
            Tenant known,
            Map.Entry<String, Series> entry,
            Map<String, Amount> changes,
            long end,
            OnTimerContext context,
            Collector<ResourceUtilization> out)
            throws Exception {
        String relation = entry.getKey();
        Series current = entry.getValue();
        Amount change = changes.get(relation);
        boolean due = current.emitted() == Series.NEVER || current.emitted() <= end - DAY;
        if (change == null && !due) {
            return;
        }
        if (change != null) {
            current = current.changed(change, end);
        }
        if (!current.isEmpty() || current.emitted() != Series.NEVER) {
            long changed = change == null ? 0 : change.changes();
            out.collect(TenantStorage.utilization(known, relation, current, end, periods, changed));
        }
        if (current.isEmpty()) {
            series.remove(relation);
        } else {
            series.put(relation, current.emitted(end));
            context.timerService().registerEventTimeTimer(end - 1 + DAY);
        }
    }

    /** Takes over a new name, ending what was reported under the old. */
    private Tenant named(
            Tenant known, TenantPeriod period, long end, Collector<ResourceUtilization> out)
            throws Exception {
        String name = period.name();
        if (name == null || name.equals(known.name)) {
            return known;
        }
        Tenant renamed = new Tenant(known.target, known.key, name);
        tenant.update(renamed);
        if (renamed.shown().equals(known.shown())) {
            return renamed;
        }
        List<String> relations = new ArrayList<>();
        series.keys().forEach(relations::add);
        for (String relation : relations) {
            Series former = series.get(relation);
            Series none = former.changed(new Amount(-former.rows(), -former.bytes(), 0), end);
            out.collect(TenantStorage.utilization(known, relation, none, end, periods, 0));
            series.put(relation, former.emitted(Series.NEVER));
        }
        return renamed;
    }
}
