package io.onevault.jobs.capacity.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.capacity.attribution.Series.Point;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class SeriesTest {

    private static final long HOUR = 3_600_000L;
    private static final long DAY = 24 * HOUR;

    @Test
    void pastIsUnknownBeforeTheFirstChange() {
        Series series = Series.NEW.changed(new Amount(1, 10, 1), DAY);
        assertThat(series.daysBefore(2 * DAY - 1, 1)).isNull();
        assertThat(series.daysBefore(2 * DAY, 1)).isEqualTo(new Point(DAY, 1, 10));
        assertThat(series.daysBefore(90 * DAY, 30)).isEqualTo(new Point(DAY, 1, 10));
    }

    @Test
    void periodsOfSecondsKeepTheLastStateOfEachHour() {
        Series series = Series.NEW;
        for (int second = 1; second <= 7_200; second++) {
            series = series.changed(new Amount(1, 10, 1), second * 1_000L);
        }
        assertThat(series.points())
                .containsExactly(
                        new Point(HOUR, 3_600, 36_000), new Point(2 * HOUR, 7_200, 72_000));
    }

    @Test
    void thirtyDaysOfHourlyChangesAreKnownInAFewKilobytes() throws Exception {
        Series series = Series.NEW;
        long end = 0;
        for (int hour = 1; hour <= 24 * 100; hour++) {
            end = hour * HOUR;
            series = series.changed(new Amount(1, 10, 1), end);
        }
        assertThat(series.daysBefore(end, 1).rows()).isEqualTo(series.rows() - 24);
        assertThat(series.daysBefore(end, 7).bytes()).isEqualTo(series.bytes() - 10 * 24 * 7);
        assertThat(series.daysBefore(end, 30).rows()).isEqualTo(series.rows() - 24 * 30);
        DataOutputSerializer out = new DataOutputSerializer(1 << 16);
        TypeInformation.of(Series.class)
                .createSerializer(new SerializerConfigImpl())
                .serialize(series, out);
        assertThat(out.length()).isLessThan(22_000);
    }
}
