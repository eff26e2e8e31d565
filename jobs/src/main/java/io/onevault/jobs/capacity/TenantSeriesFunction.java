package io.onevault.jobs.capacity;

import io.onevault.jobs.capacity.attribution.Amount;
import io.onevault.jobs.capacity.attribution.Series;
import io.onevault.jobs.capacity.attribution.TenantDelta;
import io.onevault.jobs.capacity.attribution.TenantPeriod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
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

    private static final Pattern LOOKS_LIKE_A_KEY = Pattern.compile("\\\\x[0-9a-f]{64}");
    private static final long NEVER = Long.MAX_VALUE;
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
     * @param checkAt end of the period in which a series may have been silent for a day
     * @param settled end of the latest period that was reported
     */
    public record Tenant(String target, String key, String name, long checkAt, long settled) {

        /** A name in the form of a hash key would be taken for another tenant's key. */
        String shown() {
            return name.isEmpty() || LOOKS_LIKE_A_KEY.matcher(name).matches() ? key : name;
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
        Tenant known = tenant.value();
        if (known == null) {
            known = new Tenant(delta.target(), delta.tenant(), "", NEVER, Long.MIN_VALUE);
            tenant.update(known);
        }
        long end = periods.end(delta.time(), context.timerService().currentWatermark());
        if (end <= known.settled) {
            // A restored job has no watermark yet; what was reported is not reported again.
            end = known.settled + periods.millis();
        }
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
        if (period != null) {
            open.remove(end);
            Map<String, Amount> changes = new TreeMap<>(period.changes());
            changes.values().stream()
                    .reduce(Amount::plus)
                    .ifPresent(sum -> changes.put(TOTAL, sum));
            known = named(known, period, end, out);
            for (Map.Entry<String, Amount> change : changes.entrySet()) {
                Series before = series.get(change.getKey());
                Series after =
                        (before == null ? Series.NEW : before).changed(change.getValue(), end);
                report(known, change.getKey(), after, end, change.getValue().changes(), out);
            }
        }
        // A drained job ends all times at once; there is no day after that.
        if (context.timerService().currentWatermark() != Long.MAX_VALUE) {
            known = checked(known, end, context, out);
        }
        if (series.isEmpty() && open.isEmpty()) {
            tenant.clear();
        } else {
            long settled = Math.max(end, known.settled);
            tenant.update(new Tenant(known.target, known.key, known.name, known.checkAt, settled));
        }
    }

    private void report(
            Tenant known,
            String relation,
            Series current,
            long end,
            long changes,
            Collector<ResourceUtilization> out)
            throws Exception {
        if (!current.isEmpty() || current.emitted() != Series.NEVER) {
            out.collect(TenantStorage.utilization(known, relation, current, end, periods, changes));
        }
        if (current.isEmpty()) {
            series.remove(relation);
        } else {
            series.put(relation, current.emitted(end));
        }
    }

    /** Reports what was silent for a day, and sets the time to look again. */
    private Tenant checked(
            Tenant known, long end, OnTimerContext context, Collector<ResourceUtilization> out)
            throws Exception {
        long next = known.checkAt;
        if (next == NEVER) {
            next = end + DAY;
        } else if (next > end) {
            return known;
        } else {
            next = NEVER;
            for (String relation : relations()) {
                Series current = series.get(relation);
                long silentSince = current.emitted();
                if (silentSince <= end - DAY) {
                    report(known, relation, current, end, 0, out);
                    silentSince = end;
                }
                next = Math.min(next, silentSince + DAY);
            }
        }
        if (next != NEVER) {
            context.timerService().registerEventTimeTimer(next - 1);
        }
        return new Tenant(known.target, known.key, known.name, next, known.settled);
    }

    /** Takes over a new name, ending what was reported under the old. */
    private Tenant named(
            Tenant known, TenantPeriod period, long end, Collector<ResourceUtilization> out)
            throws Exception {
        String name = period.name();
        if (name == null || name.equals(known.name)) {
            return known;
        }
        Tenant renamed = new Tenant(known.target, known.key, name, known.checkAt, known.settled);
        if (renamed.shown().equals(known.shown())) {
            return renamed;
        }
        for (String relation : relations()) {
            Series former = series.get(relation);
            Amount all = new Amount(-former.rows(), -former.bytes(), 0);
            Series none = former.changed(all, end);
            out.collect(TenantStorage.utilization(known, relation, none, end, periods, 0));
            boolean changes =
                    relation.equals(TOTAL)
                            ? !period.changes().isEmpty()
                            : period.changes().containsKey(relation);
            if (!changes) {
                report(renamed, relation, former, end, 0, out);
            }
        }
        return renamed;
    }

    private List<String> relations() throws Exception {
        List<String> relations = new ArrayList<>();
        series.keys().forEach(relations::add);
        relations.sort(Comparator.naturalOrder());
        return relations;
    }
}
