package io.onevault.jobs.capacity;

import io.onevault.jobs.capacity.attribution.HubLedger;
import io.onevault.jobs.capacity.attribution.HubPeriod;
import io.onevault.jobs.capacity.attribution.HubState;
import io.onevault.jobs.capacity.attribution.OwnerDelta;
import io.onevault.jobs.capacity.attribution.TenantDelta;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Attributes what owners have to tenants at the end of each period; keyed by owner. */
final class HubLedgerFunction
        extends KeyedProcessFunction<Tuple2<Long, Long>, OwnerDelta, TenantDelta> {

    private static final long serialVersionUID = 1L;

    private final Periods periods;

    private transient ValueState<HubState> hub;
    private transient MapState<Long, HubPeriod> open;

    HubLedgerFunction(Periods periods) {
        this.periods = periods;
    }

    @Override
    public void open(OpenContext context) {
        hub = getRuntimeContext().getState(new ValueStateDescriptor<>("hub", HubState.class));
        open =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "open-periods",
                                        Types.LONG,
                                        TypeInformation.of(HubPeriod.class)));
    }

    @Override
    public void processElement(OwnerDelta delta, Context context, Collector<TenantDelta> out)
            throws Exception {
        long end = periods.end(delta.time(), context.timerService().currentWatermark());
        open.put(end, HubPeriod.with(open.get(end), delta));
        context.timerService().registerEventTimeTimer(end - 1);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<TenantDelta> out)
            throws Exception {
        long end = timestamp + 1;
        HubPeriod period = open.get(end);
        if (period == null) {
            return;
        }
        open.remove(end);
        HubLedger.Settlement settlement = HubLedger.settle(hub.value(), period, timestamp);
        HubState after = settlement.state();
        if (after == null) {
            hub.clear();
        } else {
            hub.update(after);
        }
        settlement.deltas().forEach(out::collect);
    }
}
