package io.onevault.jobs.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.capacity.attribution.Digest;
import io.onevault.jobs.capacity.attribution.HubPeriod;
import io.onevault.jobs.capacity.attribution.HubState;
import io.onevault.jobs.capacity.attribution.OwnerDelta;
import io.onevault.jobs.capacity.attribution.Reset;
import io.onevault.jobs.capacity.attribution.RowEvent;
import io.onevault.jobs.capacity.attribution.RowState;
import io.onevault.jobs.capacity.attribution.Series;
import io.onevault.jobs.capacity.attribution.TenantDelta;
import io.onevault.jobs.capacity.attribution.TenantPeriod;
import io.onevault.jobs.capacity.forecast.ForecastState;
import io.onevault.jobs.capacity.forecast.PastValues;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.capacity.forecast.ScalingOption;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrowthSerializationTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                ResourceUtilization.class,
                ResourceWindow.class,
                ScalingOption.class,
                PastValues.class,
                ForecastState.class,
                ResourceForecast.class,
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

    @Test
    void rowIsRememberedInAHundredBytes() throws Exception {
        DataOutputSerializer out = new DataOutputSerializer(256);
        TypeInformation.of(RowState.class)
                .createSerializer(new SerializerConfigImpl())
                .serialize(
                        new RowState(
                                "production",
                                "business.asset_details_s",
                                new Digest(1, 2),
                                300,
                                1,
                                3,
                                List.of()),
                        out);
        assertThat(out.length()).isLessThan(100);
    }
}
