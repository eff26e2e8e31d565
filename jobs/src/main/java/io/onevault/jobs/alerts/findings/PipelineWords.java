package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.CdcDeadLetter;
import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.rules.RuleRejection;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the pipeline says of its own work, as events to be counted. */
final class PipelineWords {

    /** How long a gap or a dead letter counts. */
    private static final long HOUR = Duration.ofHours(1).toMillis();

    /** A stream that stands still is reported every ten minutes. */
    private static final long STANDING = Duration.ofMinutes(15).toMillis();

    /** A rejected rule counts until it is in order again, and a day at most. */
    private static final long DAY = Duration.ofDays(1).toMillis();

    /** After these a stream's reader stands still, or has missed changes for good. */
    private static final Set<String> BROKEN =
            Set.of(
                    "SLOT_MISSING",
                    "SLOT_UNFINISHED",
                    "SLOT_LOST",
                    "SLOT_AHEAD",
                    "SLOT_FOREIGN",
                    "SERVER_BEHIND",
                    "OTHER_SERVER",
                    "PUBLICATION_MISSING",
                    "PRIVILEGE");

    /** By these nothing is lost while the slot exists, and a slot without reader is told. */
    private static final Set<String> PASSING = Set.of("UNREACHABLE", "TIMEOUT", "SKIPPED", "ERROR");

    private PipelineWords() {}

    /** Null for an interruption that the stream recovers from by itself. */
    static @Nullable FoundEvent gap(CollectionGap gap) {
        if (PASSING.contains(gap.reason())) {
            return null;
        }
        boolean broken = BROKEN.contains(gap.reason());
        String metric = broken ? FindingMetrics.CHANGES_BROKEN : FindingMetrics.CHANGE_GAPS;
        return new FoundEvent(
                new SeriesId(
                                gap.target(),
                                "",
                                metric,
                                Map.of("stream", gap.poll(), "reason", gap.reason()))
                        .text(),
                Long.toString(gap.from()),
                gap.to(),
                1,
                broken ? STANDING : HOUR,
                Words.line(gap.detail()));
    }

    static FoundEvent deadLetter(CdcDeadLetter letter) {
        return new FoundEvent(
                new SeriesId(
                                letter.target(),
                                "",
                                FindingMetrics.DEAD_LETTERS,
                                Map.of("relation", letter.relation()))
                        .text(),
                letter.lsn() + "/" + letter.ordinal(),
                letter.timestamp(),
                1,
                HOUR,
                Words.line(letter.reason()));
    }

    static FoundEvent rejection(RuleRejection rejection) {
        return new FoundEvent(
                new SeriesId(
                                FindingsJob.VAULT,
                                "",
                                FindingMetrics.RULES_REJECTED,
                                Map.of("kind", rejection.kind().name()))
                        .text(),
                rejection.key(),
                rejection.at(),
                rejection.reason().isEmpty() ? 0 : 1,
                DAY,
                Words.line(
                        rejection.reason().isEmpty()
                                ? "the rule is in order again"
                                : rejection.reason()));
    }
}
