package io.onevault.connectors.notify;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One message to one receiver about one alert, or about the group it stands for. Texts may hold
 * whatever a database holds; each channel makes them fit to be shown. A text that is not known is
 * empty.
 *
 * @param idempotencyKey the same for every attempt at this message, so that a receiver can drop a
 *     repeat
 * @param alertKey business key of the alert it is about
 * @param matterKey the same for all messages about the trouble, from firing to resolved and over a
 *     restart; of several alerts that are one matter
 * @param status {@code firing, acknowledged, resolved}; see {@link Status}
 * @param severity {@code info, warning, critical}; see {@link Severity}
 * @param rule name of the rule that found it
 * @param what the finding in one sentence
 * @param target the watched server's configured name
 * @param tenant whose it is
 * @param series the series the rule looks at
 * @param labels of the series
 * @param value that was found, in {@code unit}; null when the finding is no number
 * @param threshold that was crossed, in {@code unit}; null when there is none
 * @param unit of both
 * @param sinceMicros since when it is so, microseconds since the epoch
 * @param atMicros when the alert took this status, microseconds since the epoch
 * @param likelyCause why, as far as is known
 * @param whatToDo the runbook's line
 * @param link to more, http or https
 * @param related what else this message stands for: symptoms that the finding explains, or the
 *     other alerts of its group; the first few
 * @param relatedCount how many there are of those
 */
public record Notification(
        String idempotencyKey,
        String alertKey,
        String matterKey,
        String status,
        String severity,
        String rule,
        String what,
        String target,
        String tenant,
        String series,
        Map<String, String> labels,
        @Nullable Double value,
        @Nullable Double threshold,
        String unit,
        long sinceMicros,
        long atMicros,
        String likelyCause,
        String whatToDo,
        String link,
        List<String> related,
        int relatedCount) {

    /**
     * Checks the two words and the keys.
     *
     * @throws IllegalArgumentException when a word is not known or a key is blank
     */
    public Notification {
        Status.of(status);
        Severity.of(severity);
        if (idempotencyKey.isBlank() || alertKey.isBlank() || matterKey.isBlank()) {
            throw new IllegalArgumentException("a notification needs its keys");
        }
        labels = Map.copyOf(labels);
        related = List.copyOf(related);
        relatedCount = Math.max(relatedCount, related.size());
    }

    /** {@link #status} as a constant. */
    public Status state() {
        return Status.of(status);
    }

    /** {@link #severity} as a constant. */
    public Severity level() {
        return Severity.of(severity);
    }

    /**
     * Starts a message with what every one needs.
     *
     * @param idempotencyKey the same for every attempt
     * @param alertKey business key of the alert; also of the matter unless that is named
     */
    public static Builder builder(
            String idempotencyKey, String alertKey, Status status, Severity severity) {
        return new Builder(idempotencyKey, alertKey, status, severity);
    }

    /** Collects the rest; what is not said is empty. */
    public static final class Builder {
        private final String idempotencyKey;
        private final String alertKey;
        private final Status status;
        private final Severity severity;
        private String rule = "";
        private String what = "";
        private String target = "";
        private String tenant = "";
        private String series = "";
        private Map<String, String> labels = Map.of();
        private @Nullable Double value;
        private @Nullable Double threshold;
        private String unit = "";
        private long sinceMicros;
        private long atMicros;
        private String likelyCause = "";
        private String whatToDo = "";
        private String link = "";
        private List<String> related = List.of();
        private int relatedCount;
        private String matterKey;

        private Builder(String idempotencyKey, String alertKey, Status status, Severity severity) {
            this.idempotencyKey = idempotencyKey;
            this.alertKey = alertKey;
            this.matterKey = alertKey;
            this.status = status;
            this.severity = severity;
        }

        /** The rule and the finding in one sentence. */
        public Builder finding(String ruleName, String sentence) {
            this.rule = ruleName;
            this.what = sentence;
            return this;
        }

        /** Where: server, tenant or empty, series, its labels. */
        public Builder where(
                String targetName,
                String tenantName,
                String seriesName,
                Map<String, String> seriesLabels) {
            this.target = targetName;
            this.tenant = tenantName;
            this.series = seriesName;
            this.labels = seriesLabels;
            return this;
        }

        /** The figure and what it was measured against. */
        public Builder figure(@Nullable Double found, @Nullable Double limit, String unitName) {
            this.value = found;
            this.threshold = limit;
            this.unit = unitName;
            return this;
        }

        /** Since when, and when this status was taken; microseconds since the epoch. */
        public Builder times(long since, long at) {
            this.sinceMicros = since;
            this.atMicros = at;
            return this;
        }

        /** Why, what to do, and where to read on. */
        public Builder advice(String cause, String action, String url) {
            this.likelyCause = cause;
            this.whatToDo = action;
            this.link = url;
            return this;
        }

        /** What else the message stands for: the first few, and how many there are. */
        public Builder related(List<String> first, int count) {
            this.related = first;
            this.relatedCount = count;
            return this;
        }

        /** What all messages about the trouble have in common. */
        public Builder matter(String key) {
            this.matterKey = key;
            return this;
        }

        public Notification build() {
            return new Notification(
                    idempotencyKey,
                    alertKey,
                    matterKey,
                    status.word(),
                    severity.word(),
                    rule,
                    what,
                    target,
                    tenant,
                    series,
                    labels,
                    value,
                    threshold,
                    unit,
                    sinceMicros,
                    atMicros,
                    likelyCause,
                    whatToDo,
                    link,
                    related,
                    relatedCount);
        }
    }
}
