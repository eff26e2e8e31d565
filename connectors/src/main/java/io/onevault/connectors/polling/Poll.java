package io.onevault.connectors.polling;

import io.onevault.connectors.model.MetricDefinition;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A question asked again and again, with its text for each range of server versions.
 *
 * @param name unique in the catalogue
 * @param source what is asked
 * @param interval how often, unless the configuration says otherwise
 * @param role the role whose privileges it needs, empty when none
 * @param extension the PostgreSQL extension it reads, empty when none
 * @param factKind the kind of {@link io.onevault.connectors.model.Fact} its rows describe, empty
 *     when its rows are samples only
 * @param factsRanked whether a run lists only the first of its facts by some rank, so that one not
 *     listed may still be there
 * @param metrics what it measures, by name
 * @param variants its texts, oldest versions first, ranges disjoint
 */
public record Poll(
        String name,
        PollTarget.Kind source,
        Duration interval,
        String role,
        String extension,
        String factKind,
        boolean factsRanked,
        Map<String, MetricDefinition> metrics,
        List<Variant> variants)
        implements Serializable {

    /** The built-in poll that tells whether a target answers; it runs on every target. */
    public static final String TARGET = "target";

    public Poll {
        metrics = Map.copyOf(metrics);
        variants = List.copyOf(variants);
    }

    /** The text for {@code majorVersion}; empty when no variant serves it. */
    Optional<Variant> variant(int majorVersion) {
        return variants.stream()
                .filter(v -> v.minVersion() <= majorVersion && majorVersion <= v.maxVersion())
                .findFirst();
    }

    /** The versions served, for people: {@code 16-18}. */
    String versions() {
        return variants.get(0).minVersion() + "-" + variants.get(variants.size() - 1).maxVersion();
    }

    /**
     * One file of the catalogue.
     *
     * @param file where it stands, for messages
     * @param question what it answers
     * @param minVersion oldest PostgreSQL major version served
     * @param maxVersion newest PostgreSQL major version served
     * @param sql the statements, each of which returns rows; empty for {@link PollTarget.Kind#HOST}
     */
    public record Variant(String file, String question, int minVersion, int maxVersion, String sql)
            implements Serializable {}
}
