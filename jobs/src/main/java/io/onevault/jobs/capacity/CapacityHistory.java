package io.onevault.jobs.capacity;

import io.onevault.connectors.history.RememberedUse;
import io.onevault.connectors.history.UtilizationHistory;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.capacity.forecast.Resource;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The resources' past as the vault remembers it. Read when the job starts for the first time; a job
 * that goes on from a checkpoint after the end of it does not read again.
 */
public final class CapacityHistory {

    private CapacityHistory() {}

    /**
     * @param days how far back
     * @return states that come before event time does: until the last of them there is no watermark
     */
    public static DataStream<ResourceUtilization> read(
            StreamExecutionEnvironment env, VaultOptions vault, int days) {
        return env.fromSource(
                        new UtilizationHistory(vault, days, ResourceMetrics.asJson()),
                        WatermarkStrategy.noWatermarks(),
                        "capacity-history")
                .uid("capacity-history")
                .setParallelism(1)
                .map(CapacityHistory::state)
                .returns(ResourceUtilization.class)
                .setParallelism(1)
                .uid("capacity-remembered")
                .name("capacity-remembered");
    }

    private static ResourceUtilization state(RememberedUse use) {
        return new ResourceUtilization(
                use.series(),
                use.target(),
                use.tenant(),
                use.resourceType(),
                use.resourceName(),
                use.unit(),
                "",
                "",
                Map.of(),
                use.end() - use.periodSeconds() * 1000L,
                use.periodSeconds(),
                use.states(),
                Resource.peaks(use.resourceType()) ? use.highest() : use.last(),
                use.capacity(),
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                null,
                null,
                Double.NaN,
                ForecastTurns.VAULT);
    }
}
