package io.onevault.connectors.polling.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.connectors.polling.Reading;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostProbeTest {

    private final HostProbe probe = new HostProbe();

    @Test
    void readsWhatTheCatalogueDeclaresInItsUnits(@TempDir Path folder) {
        List<Reading> readings = probe.read(folder.toString());
        assertThat(PollCatalogue.load().poll("host").orElseThrow().metrics().keySet())
                .containsAll(readings.stream().map(Reading::metric).toList());
        assertThat(readings)
                .extracting(Reading::metric)
                .contains("cpu_usage_pct", "memory_usage_pct", "swap_usage_pct", "disk_usage_pct");
        assertThat(readings)
                .filteredOn(reading -> reading.metric().endsWith("usage_pct"))
                .allSatisfy(
                        reading ->
                                assertThat(reading.value() / reading.per()).isBetween(0.0, 100.0));
        assertThat(probe.bootMillis()).isBetween(1L, System.currentTimeMillis());
    }

    @Test
    void withoutTheDataDirectoryOnlySpaceIsUnknown() {
        assertThat(probe.read("/does/not/exist"))
                .extracting(Reading::metric)
                .contains("memory_usage_pct")
                .doesNotContain("disk_usage_pct");
    }
}
