package io.onevault.jobs.capacity;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.model.SnapshotBoundary;
import io.onevault.jobs.capacity.attribution.OwnerDelta;
import io.onevault.jobs.capacity.attribution.Reset;
import io.onevault.jobs.capacity.attribution.RowEvent;
import io.onevault.jobs.capacity.attribution.TenantDelta;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.ResourceUtilizationRows;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.jspecify.annotations.Nullable;

/**
 * Rows and bytes of each tenant in tables that all tenants share, from row changes.
 *
 * <p>Four steps, each with the state of its key: a target's changes become numbered events of
 * single rows; each row is remembered with owner and size, and says what changes for its owner;
 * each owner is attributed to its tenant at the end of a period; each tenant's series are summed
 * and reported. The same changes in the same order of commits give the same rows.
 *
 * <p>Bytes are the rows' sizes before compression and without what pages, indexes and dead rows
 * take, so their sum is less, or with compression more, than the relation's size.
 *
 * <p>Limits: a satellite of a link belongs to nobody, for only hubs know a tenant; updates and
 * deletions in a table without primary key need {@code REPLICA IDENTITY FULL}; a change whose
 * commit time lies in the future counts when that time comes; a target has one change stream here,
 * for the end of its snapshot ends every row of the target that it did not read; a row is known by
 * its table, key columns and their text, so that when one of these is renamed or gets another type
 * the rows from before stay counted beside those that follow, until a fresh snapshot.
 */
public final class TenantGrowthJob {

    private TenantGrowthJob() {}

    /**
     * Attaches the capability. Each target has operators of its own, so that the event time of one
     * that is away, or in the middle of its snapshot, holds no other back, and so that its state
     * goes with it. Their uids: {@code tenant-row-events}, {@code tenant-rows}, {@code
     * tenant-owners}, {@code tenant-series}, each with a hyphen and the target's name behind it.
     *
     * @param changes by target one stream in order of commits, with commit times and watermarks
     *     that go on when nothing happens; at least one
     * @return the state of each tenant's storage, in all and by table
     */
    public static DataStream<ResourceUtilization> defineWorkflow(
            Map<String, DataStream<CdcRecord>> changes,
            TenantGrowthSettings settings,
            FindingSinks sinks) {
        DataStream<ResourceUtilization> all = series(changes, settings);
        sinks.write(all, ResourceUtilizationRows.TABLE, ResourceUtilizationRows::row);
        return all;
    }

    /** The same without a place to go. */
    static DataStream<ResourceUtilization> series(
            Map<String, DataStream<CdcRecord>> changes, TenantGrowthSettings settings) {
        @Nullable DataStream<ResourceUtilization> all = null;
        for (Map.Entry<String, DataStream<CdcRecord>> target : changes.entrySet()) {
            DataStream<ResourceUtilization> series =
                    ofTarget(target.getKey(), target.getValue(), settings);
            all = all == null ? series : all.union(series);
        }
        if (all == null) {
            throw new IllegalArgumentException("no target's changes are read");
        }
        return all;
    }

    private static DataStream<ResourceUtilization> ofTarget(
            String target, DataStream<CdcRecord> changes, TenantGrowthSettings settings) {
        Periods periods = new Periods(settings.period());
        SingleOutputStreamOperator<RowEvent> events =
                changes.keyBy(TenantGrowthJob::target)
                        .process(new RowEventsFunction(settings.columns(), settings.expiry()))
                        .returns(RowEvent.class)
                        .uid("tenant-row-events-" + target)
                        .name("tenant-row-events");
        BroadcastStream<Reset> resets =
                events.getSideOutput(RowEventsFunction.RESETS).broadcast(RowLedgerFunction.RESETS);
        SingleOutputStreamOperator<OwnerDelta> owners =
                events.keyBy(
                                event -> RowLedgerFunction.key(event.row()),
                                Types.TUPLE(Types.LONG, Types.LONG))
                        .connect(resets)
                        .process(new RowLedgerFunction(), TypeInformation.of(OwnerDelta.class))
                        .uid("tenant-rows-" + target)
                        .name("tenant-rows");
        SingleOutputStreamOperator<TenantDelta> tenants =
                owners.keyBy(
                                delta -> RowLedgerFunction.key(delta.owner()),
                                Types.TUPLE(Types.LONG, Types.LONG))
                        .process(new HubLedgerFunction(periods))
                        .returns(TenantDelta.class)
                        .uid("tenant-owners-" + target)
                        .name("tenant-owners");
        return tenants.keyBy(TenantSeriesFunction::key)
                .process(new TenantSeriesFunction(periods))
                .returns(ResourceUtilization.class)
                .uid("tenant-series-" + target)
                .name("tenant-series");
    }

    static String target(CdcRecord record) {
        RowChange change = record.change();
        if (change != null) {
            return change.target();
        }
        SnapshotBoundary boundary = record.snapshotBoundary();
        // Other records count for nothing.
        return boundary == null ? "" : boundary.target();
    }
}
