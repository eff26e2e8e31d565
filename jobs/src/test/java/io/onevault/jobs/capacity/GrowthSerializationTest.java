package io.onevault.jobs.capacity;

import io.onevault.jobs.capacity.attribution.HubPeriod;
import io.onevault.jobs.capacity.attribution.HubState;
import io.onevault.jobs.capacity.attribution.OwnerDelta;
import io.onevault.jobs.capacity.attribution.Reset;
import io.onevault.jobs.capacity.attribution.RowEvent;
import io.onevault.jobs.capacity.attribution.RowState;
import io.onevault.jobs.capacity.attribution.Series;
import io.onevault.jobs.capacity.attribution.TenantDelta;
import io.onevault.jobs.capacity.attribution.TenantPeriod;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrowthSerializationTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                ResourceUtilization.class,
                RowEvent.class,
                Reset.class,
                RowState.class,
                OwnerDelta.class,
                HubState.class,
                HubPeriod.class,
                TenantDelta.class,
                TenantPeriod.class,
                Series.class,
                RowEventsFunction.Progress.class,
                RowEventsFunction.Cut.class,
                TenantSeriesFunction.Tenant.class
            })
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }
}
