package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TimelinesTest {

    private static final List<String> HISTORY =
            List.of("1\t0/5000148\tno recovery target specified", "", "3\tA/10\tbefore 2024");

    @Test
    void findsWhereATimelineEnded() {
        assertThat(Timelines.endOf(1, HISTORY)).isEqualTo(0x5000148L);
        assertThat(Timelines.endOf(3, HISTORY)).isEqualTo((10L << 32) + 16);
        assertThat(Timelines.endOf(2, HISTORY)).as("another branch").isNull();
        assertThat(Timelines.endOf(1, List.of())).isNull();
    }
}
