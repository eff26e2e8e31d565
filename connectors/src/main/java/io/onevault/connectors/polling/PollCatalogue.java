package io.onevault.connectors.polling;

import io.onevault.connectors.model.MetricDefinition;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Every poll there is, and every metric the polls bring.
 *
 * <p>A poll is a folder, a file of it serves a range of PostgreSQL versions: {@code
 * checkpoints/14-16.sql}, {@code checkpoints/17-18.sql}; {@code any.sql} where versions do not
 * matter. A file begins with comments:
 *
 * <pre>
 * -- How are sessions distributed over states, and who waits?     (the question it answers)
 * --
 * -- poll: activity                                               (as the folder)
 * -- interval: 10s                                                (ms, s, m or h)
 * -- requires: role pg_monitor                                    (checked before it runs)
 * -- requires: extension pg_stat_statements                       (checked before it runs)
 * -- source: postgres                                             (or pgbouncer, host)
 * -- metric: active_connections | gauge | count | PERFORMANCE | warning&gt;80 | critical&gt;150 | Sessions…
 * -- fact: setting                                                (rows are facts of this kind)
 * -- fact: statement, ranked                                      (only the first by some rank)
 * </pre>
 *
 * <p>A metric line is {@code name | kind | unit | category | thresholds | description}; {@code
 * warning<95} makes low values bad. A window is judged by its mean, or by its worst value where the
 * word {@code worst} stands beside the thresholds. Below stand one or more SELECT statements. Their
 * rows carry
 *
 * <ul>
 *   <li>{@code measured_at timestamptz}, from {@code clock_timestamp()}; mandatory;
 *   <li>{@code tenant}, optional; {@code label_<name>}, any number;
 *   <li>{@code counter_epoch timestamptz}, since when the counters count;
 *   <li>a column per metric, in any subset; NULL is "not known" and yields no sample. A ratio has
 *       two: its name, and its name with {@code __per}, both cumulative;
 *   <li>for facts: {@code key}, and any other column is an attribute.
 * </ul>
 *
 * <p>{@code ${schema:NAME}} stands for the quoted schema an extension lives in. Queries run with
 * {@code search_path = pg_catalog}, and may read {@code current_setting('onevault.top_n')}, {@code
 * onevault.top_relations}, {@code onevault.tenant_of_role} and {@code onevault.tenant_of_schema}.
 *
 * <p>Immutable and serialisable.
 */
public final class PollCatalogue implements Serializable {

    private static final long serialVersionUID = 1L;
    private static final String ROOT = "catalogue/";

    private final Map<String, Poll> polls;
    private final Map<String, MetricDefinition> definitions;

    private PollCatalogue(Map<String, Poll> polls) {
        this.polls = Collections.unmodifiableMap(new TreeMap<>(polls));
        Map<String, MetricDefinition> byName = new TreeMap<>();
        for (Poll poll : this.polls.values()) {
            for (MetricDefinition metric : poll.metrics().values()) {
                if (byName.put(metric.name(), metric) != null) {
                    throw new IllegalArgumentException(
                            "poll %s: metric %s is declared by another poll too"
                                    .formatted(poll.name(), metric.name()));
                }
            }
        }
        this.definitions = Collections.unmodifiableMap(byName);
    }

    /**
     * The polls that come with the product.
     *
     * @throws IllegalArgumentException when a file is malformed, with file and line
     */
    public static PollCatalogue load() {
        List<CatalogueParser.Parsed> files = new ArrayList<>();
        resource("index")
                .lines()
                .map(String::strip)
                .filter(path -> !path.isEmpty() && !path.startsWith("#"))
                .forEach(path -> files.add(CatalogueParser.parse(path, resource(path))));
        return new PollCatalogue(assemble(files));
    }

    /**
     * This catalogue with the user's polls from {@code directory}, laid out as described above. A
     * poll of a known name replaces it with all its variants.
     *
     * @throws IllegalArgumentException when a file is malformed, with file and line
     * @throws UncheckedIOException when the directory cannot be read
     */
    public PollCatalogue with(Path directory) {
        List<CatalogueParser.Parsed> files = new ArrayList<>();
        try (Stream<Path> found = Files.walk(directory)) {
            for (Path path : found.filter(p -> p.toString().endsWith(".sql")).sorted().toList()) {
                String name = directory.relativize(path).toString().replace('\\', '/');
                files.add(CatalogueParser.parse(name, Files.readString(path)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read polls from " + directory, e);
        }
        Map<String, Poll> merged = new TreeMap<>(polls);
        merged.putAll(assemble(files));
        return new PollCatalogue(merged);
    }

    /** Every metric by name, in the order of names. */
    public Map<String, MetricDefinition> definitions() {
        return definitions;
    }

    /** Every poll, in the order of names. */
    public List<Poll> polls() {
        return List.copyOf(polls.values());
    }

    public Optional<Poll> poll(String name) {
        return Optional.ofNullable(polls.get(name));
    }

    private static Map<String, Poll> assemble(List<CatalogueParser.Parsed> files) {
        Map<String, List<CatalogueParser.Parsed>> byPoll = new LinkedHashMap<>();
        files.forEach(f -> byPoll.computeIfAbsent(f.poll(), p -> new ArrayList<>()).add(f));
        Map<String, Poll> polls = new TreeMap<>();
        byPoll.forEach((name, variants) -> polls.put(name, merge(name, variants)));
        return polls;
    }

    private static Poll merge(String name, List<CatalogueParser.Parsed> files) {
        List<CatalogueParser.Parsed> sorted = new ArrayList<>(files);
        sorted.sort(Comparator.comparingInt(f -> f.variant().minVersion()));
        CatalogueParser.Parsed first = sorted.get(0);
        Map<String, MetricDefinition> metrics = new LinkedHashMap<>();
        int served = -1;
        for (CatalogueParser.Parsed file : sorted) {
            String path = file.variant().file();
            if (file.variant().minVersion() <= served) {
                throw new IllegalArgumentException(
                        path + ":1: its version range overlaps another file's of " + name);
            }
            served = file.variant().maxVersion();
            if (!file.interval().equals(first.interval())
                    || file.source() != first.source()
                    || !file.role().equals(first.role())
                    || !file.extension().equals(first.extension())
                    || !file.factKind().equals(first.factKind())
                    || file.factsRanked() != first.factsRanked()) {
                throw new IllegalArgumentException(
                        path
                                + ":1: interval, source, requires and fact must equal those in "
                                + first.variant().file());
            }
            file.metrics()
                    .forEach(
                            (metric, definition) -> {
                                MetricDefinition known = metrics.putIfAbsent(metric, definition);
                                if (known != null && !Objects.equals(known, definition)) {
                                    throw new IllegalArgumentException(
                                            "%s:1: metric %s is declared differently in another file of %s"
                                                    .formatted(path, metric, name));
                                }
                            });
        }
        return new Poll(
                name,
                first.source(),
                first.interval(),
                first.role(),
                first.extension(),
                first.factKind(),
                first.factsRanked(),
                metrics,
                sorted.stream().map(CatalogueParser.Parsed::variant).toList());
    }

    private static String resource(String path) {
        try (InputStream in = PollCatalogue.class.getResourceAsStream(ROOT + path)) {
            if (in == null) {
                throw new IllegalArgumentException(
                        path + ": listed in the catalogue's index, but missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }
}
