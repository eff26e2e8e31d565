package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PollCatalogueTest {

    private static final String GOOD =
            """
            -- Is it good?
            --
            -- poll: mine
            -- interval: 90s
            -- metric: hits | gauge | count | PERFORMANCE | warning>3 | critical>5 | Hits

            SELECT clock_timestamp() AS measured_at, 1 AS hits;
            """;

    @TempDir private Path folder;

    @Test
    void everyFileIsListedInTheIndexAndServesAllVersionsItShould() throws Exception {
        PollCatalogue catalogue = PollCatalogue.load();
        URL index = PollCatalogue.class.getResource("catalogue/index");
        Path root = Path.of(index.toURI()).getParent();
        try (Stream<Path> files = Files.walk(root);
                InputStream in = index.openStream()) {
            TreeSet<String> present =
                    files.filter(file -> file.toString().endsWith(".sql"))
                            .map(file -> root.relativize(file).toString())
                            .collect(Collectors.toCollection(TreeSet::new));
            assertThat(new String(in.readAllBytes()).lines().filter(line -> !line.startsWith("#")))
                    .containsExactlyElementsOf(present);
        }
        for (Poll poll : catalogue.polls()) {
            for (int version = 14; version <= 18; version++) {
                boolean since16 = poll.name().equals("io");
                assertThat(poll.variant(version).isPresent())
                        .as(poll.name() + " on " + version)
                        .isEqualTo(!since16 || version >= 16);
            }
        }
    }

    @Test
    void thresholdsOfTheSourceDocumentsStand() {
        Map<String, MetricDefinition> metrics = PollCatalogue.load().definitions();
        assertThreshold(metrics.get("active_connections"), 80, 150, Direction.ABOVE);
        assertThreshold(metrics.get("database_size_gb"), 50, 80, Direction.ABOVE);
        assertThreshold(metrics.get("avg_query_time_ms"), 500, 1000, Direction.ABOVE);
        assertThreshold(metrics.get("cache_hit_ratio_pct"), 95, 90, Direction.BELOW);
        assertThreshold(metrics.get("memory_usage_pct"), 80, 90, Direction.ABOVE);
        assertThreshold(metrics.get("disk_usage_pct"), 80, 95, Direction.ABOVE);
        assertThat(metrics.get("cache_hit_ratio_pct").kind()).isEqualTo(MetricKind.RATIO);
    }

    @Test
    void survivesSerialization() throws Exception {
        PollCatalogue copy = InstantiationUtil.clone(PollCatalogue.load());
        assertThat(copy.definitions()).isEqualTo(PollCatalogue.load().definitions());
        assertThat(copy.polls()).isEqualTo(PollCatalogue.load().polls());
    }

    @Test
    void takesPollsOfTheUserAndLetsThemReplaceItsOwn() throws IOException {
        write("mine/14-18.sql", GOOD);
        write(
                "activity/any.sql",
                GOOD.replace("mine", "activity").replace("hits", "fewer").replace("90s", "5m"));
        PollCatalogue catalogue = PollCatalogue.load().with(folder);
        assertThat(catalogue.poll("mine").orElseThrow().interval())
                .isEqualTo(Duration.ofSeconds(90));
        assertThat(catalogue.definitions())
                .containsKeys("hits", "fewer")
                .doesNotContainKey("active_connections");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    poll: mine;poll: yours;mine/14-18.sql:5: the header must say "-- poll: mine"
                    interval: 90s;interval: soon;mine/14-18.sql:4: interval "soon" is not like
                    interval: 90s;every: 90s;mine/14-18.sql:4: unknown key "every"
                    gauge;dial;mine/14-18.sql:5: kind "dial" is not gauge
                    PERFORMANCE;SPEED;mine/14-18.sql:5: category "SPEED"
                    warning>3;warn>3;mine/14-18.sql:5: threshold "warn>3" is not like
                    warning>3;warning>9;mine/14-18.sql:5: metric hits: the warning lies beyond
                    hits | gauge;Hits! | gauge;mine/14-18.sql:5: metric name "Hits!"
                    Is it good?;'';mine/14-18.sql:1: the header must begin with the question
                    """)
    void aMalformedHeaderIsNamedWithFileAndLine(String good, String bad, String message)
            throws IOException {
        write("mine/14-18.sql", GOOD.replace(good, bad));
        assertThatThrownBy(() -> PollCatalogue.load().with(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void refusesVariantsThatOverlapOrContradictEachOther() throws IOException {
        write("mine/14-16.sql", GOOD);
        write("mine/16-18.sql", GOOD);
        assertThatThrownBy(() -> PollCatalogue.load().with(folder))
                .hasMessageContaining("mine/16-18.sql:1: its version range overlaps");
        Files.delete(folder.resolve("mine/16-18.sql"));
        write("mine/17-18.sql", GOOD.replace("Hits\n", "Other hits\n"));
        assertThatThrownBy(() -> PollCatalogue.load().with(folder))
                .hasMessageContaining("metric hits is declared differently");
    }

    @Test
    void refusesAMetricOfTwoPolls() throws IOException {
        write("mine/any.sql", GOOD.replace("hits", "active_connections"));
        assertThatThrownBy(() -> PollCatalogue.load().with(folder))
                .hasMessageContaining("active_connections is declared by another poll too");
    }

    private void write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static void assertThreshold(
            MetricDefinition metric, double warning, double critical, Direction direction) {
        assertThat(metric.warning()).isEqualTo(warning);
        assertThat(metric.critical()).isEqualTo(critical);
        assertThat(metric.direction()).isEqualTo(direction);
    }
}
