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
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

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
 * for the end of its snapshot ends every row of the target that it did not read.
 */
public final class TenantGrowthJob {

    private TenantGrowthJob() {}

    /**
     * Attaches the capability. Operators' uids: {@code tenant-row-events}, {@code tenant-rows},
     * {@code tenant-owners}, {@code tenant-series}.
     *
     * @param changes of each target one stream in order of commits, with commit times and
     *     watermarks that go on when nothing happens
     * @return the state of each tenant's storage, in all and by table
     */
    public static DataStream<ResourceUtilization> defineWorkflow(
            DataStream<CdcRecord> changes, TenantGrowthSettings settings, FindingSinks sinks) {
        Periods periods = new Periods(settings.period());
        SingleOutputStreamOperator<RowEvent> events =
                changes.keyBy(TenantGrowthJob::target)
                        .process(new RowEventsFunction(settings.columns(), settings.expiry()))
                        .returns(RowEvent.class)
                        .uid("tenant-row-events")
                        .name("tenant-row-events");
        BroadcastStream<Reset> resets =
                events.getSideOutput(RowEventsFunction.RESETS).broadcast(RowLedgerFunction.RESETS);
        SingleOutputStreamOperator<OwnerDelta> owners =
                events.keyBy(
                                event -> RowLedgerFunction.key(event.row()),
                                Types.TUPLE(Types.LONG, Types.LONG))
                        .connect(resets)
                        .process(new RowLedgerFunction(), TypeInformation.of(OwnerDelta.class))
                        .uid("tenant-rows")
                        .name("tenant-rows");
        SingleOutputStreamOperator<TenantDelta> tenants =
                owners.keyBy(
                                delta -> RowLedgerFunction.key(delta.owner()),
                                Types.TUPLE(Types.LONG, Types.LONG))
                        .process(new HubLedgerFunction(periods))
                        .returns(TenantDelta.class)
                        .uid("tenant-owners")
                        .name("tenant-owners");
        SingleOutputStreamOperator<ResourceUtilization> series =
                tenants.keyBy(TenantSeriesFunction::key)
                        .process(new TenantSeriesFunction(periods))
                        .returns(ResourceUtilization.class)
                        .uid("tenant-series")
                        .name("tenant-series");
        sinks.write(series, ResourceUtilizationRows.TABLE, ResourceUtilizationRows::row);
        return series;
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
