package io.onevault.jobs.capacity;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.jobs.capacity.attribution.OwnerDelta;
import io.onevault.jobs.capacity.attribution.Reset;
import io.onevault.jobs.capacity.attribution.RowEvent;
import io.onevault.jobs.capacity.attribution.TenantDelta;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;

/**
 * The four steps behind one another, with a network between them that keeps the order of what goes
 * one way and no other order: resets and rows overtake each other, and so do owners' changes that
 * come from different tasks.
 */
final class GrowthPipeline implements AutoCloseable {

    private static final int TASKS = 3;
    private static final TypeInformation<Tuple2<Long, Long>> DIGEST =
            Types.TUPLE(Types.LONG, Types.LONG);

    private final Random network;
    private final KeyedOneInputStreamOperatorTestHarness<String, CdcRecord, RowEvent> events;
    private final KeyedTwoInputStreamOperatorTestHarness<
                    Tuple2<Long, Long>, RowEvent, Reset, OwnerDelta>
            rows;
    private final KeyedOneInputStreamOperatorTestHarness<
                    Tuple2<Long, Long>, OwnerDelta, TenantDelta>
            owners;
    private final KeyedOneInputStreamOperatorTestHarness<String, TenantDelta, ResourceUtilization>
            series;
    private final Deque<RowEvent> rowChannel = new ArrayDeque<>();
    private final Deque<Reset> resetChannel = new ArrayDeque<>();
    private final List<Deque<OwnerDelta>> ownerChannels = new ArrayList<>();
    private int resetsSent;

    private GrowthPipeline(TenantGrowthSettings settings, Random network) throws Exception {
        this.network = network;
        Periods periods = new Periods(settings.period());
        events =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(
                                new RowEventsFunction(settings.columns(), settings.expiry())),
                        TenantGrowthJob::target,
                        Types.STRING);
        rows =
                new KeyedTwoInputStreamOperatorTestHarness<>(
                        new CoBroadcastWithKeyedOperator<>(
                                new RowLedgerFunction(), List.of(RowLedgerFunction.RESETS)),
                        event -> RowLedgerFunction.key(event.row()),
                        null,
                        DIGEST);
        owners =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new HubLedgerFunction(periods)),
                        delta -> RowLedgerFunction.key(delta.owner()),
                        DIGEST);
        series =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new TenantSeriesFunction(periods)),
                        TenantSeriesFunction::key,
                        Types.STRING);
        for (int i = 0; i < TASKS; i++) {
            ownerChannels.add(new ArrayDeque<>());
        }
        events.open();
        rows.open();
        owners.open();
        series.open();
    }

    /** Periods of an hour, and a network that delivers in an order of its own. */
    static GrowthPipeline hourly(long seed) throws Exception {
        return new GrowthPipeline(TenantGrowthSettings.DEFAULT, new Random(seed));
    }

    GrowthPipeline send(CdcRecord... records) throws Exception {
        for (CdcRecord record : records) {
            events.processElement(record, 0);
            rowChannel.addAll(events.extractOutputValues());
            events.getOutput().clear();
            if (events.getSideOutput(RowEventsFunction.RESETS) != null) {
                List<StreamRecord<Reset>> all =
                        new ArrayList<>(events.getSideOutput(RowEventsFunction.RESETS));
                for (; resetsSent < all.size(); resetsSent++) {
                    resetChannel.add(all.get(resetsSent).getValue());
                }
            }
            for (int i = network.nextInt(4); i > 0; i--) {
                deliverSomething();
            }
        }
        return this;
    }

    /** Advances event time to the end of the hour that begins {@code hours} after the start. */
    GrowthPipeline hourEnds(int hours) throws Exception {
        return watermark(Rows.T0 + (hours + 1) * 3_600_000L - 1);
    }

    GrowthPipeline watermark(long time) throws Exception {
        while (deliverSomething()) {
            // A watermark is behind all that was sent before it.
        }
        events.processWatermark(time);
        rows.processWatermark1(new Watermark(time));
        rows.processWatermark2(new Watermark(time));
        owners.processWatermark(time);
        for (TenantDelta delta : owners.extractOutputValues()) {
            series.processElement(delta, 0);
        }
        owners.getOutput().clear();
        series.processWatermark(time);
        return this;
    }

    private boolean deliverSomething() throws Exception {
        List<Deque<?>> waiting = new ArrayList<>(ownerChannels);
        waiting.add(rowChannel);
        waiting.add(resetChannel);
        waiting.removeIf(Deque::isEmpty);
        if (waiting.isEmpty()) {
            return false;
        }
        Deque<?> chosen = waiting.get(network.nextInt(waiting.size()));
        if (chosen == rowChannel) {
            rows.processElement1(rowChannel.remove(), 0);
        } else if (chosen == resetChannel) {
            rows.processElement2(resetChannel.remove(), 0);
        } else {
            owners.processElement((OwnerDelta) chosen.remove(), 0);
        }
        route();
        return true;
    }

    /** Any task may have said it, so that even one row's changes overtake each other. */
    private void route() {
        for (OwnerDelta delta : rows.extractOutputValues()) {
            ownerChannels.get(network.nextInt(TASKS)).add(delta);
        }
        rows.getOutput().clear();
    }

    /** All that was reported. */
    List<ResourceUtilization> reported() {
        return series.extractOutputValues();
    }

    /** Rows and bytes that stand at the end, by tenant and table, as {@code tenant/table}. */
    Map<String, String> standing() {
        Map<String, String> standing = new HashMap<>();
        for (ResourceUtilization u : reported()) {
            standing.put(
                    u.tenant() + "/" + u.objectName(),
                    u.rowCount() + " rows, " + (long) u.currentValue() + " bytes");
        }
        standing.values().removeIf(value -> value.equals("0 rows, 0 bytes"));
        return standing;
    }

    /** Entries of keyed state in all steps. */
    int stateEntries() {
        return events.numKeyedStateEntries()
                + rows.numKeyedStateEntries()
                + owners.numKeyedStateEntries()
                + series.numKeyedStateEntries();
    }

    @Override
    public void close() throws Exception {
        events.close();
        rows.close();
        owners.close();
        series.close();
    }
}
