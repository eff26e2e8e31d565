package io.onevault.connectors.notify;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A notification in words, the most urgent first: what, where, since when, how bad, likely cause,
 * what to do, link. Every text is one clean line of bounded length; a channel only has to escape
 * it.
 *
 * @param severity {@code CRITICAL}, {@code WARNING}, {@code INFO}
 * @param state {@code FIRING}, {@code ACKNOWLEDGED}, {@code RESOLVED}
 * @param headline what is the matter where, in at most 150 characters
 * @param what the finding
 * @param where server, and tenant if known
 * @param since when it began, and how long it has been or was so
 * @param figure the value found and the limit; may be empty
 * @param series and labels; may be empty
 * @param cause may be empty
 * @param action what to do; may be empty
 * @param related what else this stands for, one a line; may be empty
 * @param link http or https, in printable ASCII; empty when there is none that can be trusted to be
 *     one
 * @param rule that found it
 */
record MessageText(
        String severity,
        String state,
        String headline,
        String what,
        String where,
        String since,
        String figure,
        String series,
        String cause,
        String action,
        List<String> related,
        String link,
        String rule) {

    static final int LONGEST_HEADLINE = 150;
    private static final int LONGEST_NAME = 120;
    private static final int LONGEST_SENTENCE = 600;
    private static final int LONGEST_LINK = 2_000;
    private static final int MOST_LABELS = 20;
    private static final int MOST_RELATED = 10;
    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /** One line of a message. */
    record Line(String label, String text) {}

    static MessageText of(Notification notification) {
        String severity = notification.level().name();
        String state = notification.state().name();
        String what = PlainText.line(notification.what(), LONGEST_SENTENCE);
        String rule = PlainText.line(notification.rule(), LONGEST_NAME);
        String target = PlainText.line(notification.target(), LONGEST_NAME);
        String tenant = PlainText.line(notification.tenant(), LONGEST_NAME);
        String mark = notification.state() == Status.FIRING ? severity : state;
        String subject = what.isEmpty() ? rule : what;
        String headline = mark + (target.isEmpty() ? "" : " " + target) + ": " + subject;
        return new MessageText(
                severity,
                state,
                PlainText.line(headline, LONGEST_HEADLINE),
                what,
                tenant.isEmpty() ? target : target + ", tenant " + tenant,
                since(notification),
                figure(notification),
                series(notification),
                PlainText.line(notification.likelyCause(), LONGEST_SENTENCE),
                PlainText.line(notification.whatToDo(), LONGEST_SENTENCE),
                related(notification),
                link(notification.link()),
                rule);
    }

    /** The lines below the headline, without those that have nothing to say. */
    List<Line> lines() {
        List<Line> lines = new ArrayList<>();
        add(lines, "What", what);
        add(lines, "Where", where);
        add(lines, "Since", since);
        add(lines, "How bad", figure.isEmpty() ? severity : severity + ", " + figure);
        add(lines, "Likely cause", cause);
        add(lines, "What to do", action);
        add(lines, "Also", String.join("; ", related));
        add(lines, "Series", series);
        add(lines, "Rule", rule);
        return lines;
    }

    /** Everything as plain lines, the link last. */
    String plain() {
        StringBuilder text = new StringBuilder(headline).append('\n');
        for (Line line : lines()) {
            text.append(line.label()).append(": ").append(line.text()).append('\n');
        }
        if (!link.isEmpty()) {
            text.append(link).append('\n');
        }
        return text.toString();
    }

    private static void add(List<Line> lines, String label, String text) {
        if (!text.isEmpty()) {
            lines.add(new Line(label, text));
        }
    }

    private static String since(Notification notification) {
        Instant since = instant(notification.sinceMicros());
        Duration lasted = Duration.between(since, instant(notification.atMicros()));
        String began = MOMENT.format(since);
        if (lasted.isNegative() || lasted.toSeconds() == 0) {
            return began;
        }
        String verb = notification.state() == Status.RESOLVED ? "lasted " : "";
        return began + " (" + verb + length(lasted) + ")";
    }

    private static String length(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + " min";
        }
        if (seconds < 172_800) {
            return seconds / 3_600 + " h " + seconds % 3_600 / 60 + " min";
        }
        return seconds / 86_400 + " d " + seconds % 86_400 / 3_600 + " h";
    }

    private static String figure(Notification notification) {
        Double value = notification.value();
        if (value == null) {
            return "";
        }
        Double threshold = notification.threshold();
        String unit = PlainText.line(notification.unit(), 30);
        String figure = number(value) + (unit.isEmpty() ? "" : " " + unit);
        return threshold == null ? figure : figure + " (limit " + number(threshold) + ")";
    }

    /**
     * A figure as people write it: no exponent where it can be avoided, no digits that are noise.
     */
    static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "not a number";
        }
        double size = Math.abs(value);
        if (value == Math.rint(value) && size < 1e15) {
            return Long.toString((long) value);
        }
        if (size >= 100 && size < 1e15) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return String.format(Locale.ROOT, size >= 0.01 && size < 1e15 ? "%.2f" : "%.2e", value);
    }

    private static String series(Notification notification) {
        String series = PlainText.line(notification.series(), LONGEST_NAME);
        if (notification.labels().isEmpty()) {
            return series;
        }
        List<String> labels = new ArrayList<>();
        for (Map.Entry<String, String> label : new TreeMap<>(notification.labels()).entrySet()) {
            if (labels.size() == MOST_LABELS) {
                labels.add("…");
                break;
            }
            labels.add(
                    PlainText.line(label.getKey(), 60)
                            + "="
                            + PlainText.line(label.getValue(), LONGEST_NAME));
        }
        return PlainText.line(series + " {" + String.join(", ", labels) + "}", LONGEST_SENTENCE);
    }

    private static List<String> related(Notification notification) {
        List<String> related = new ArrayList<>();
        for (String one : notification.related()) {
            if (related.size() == MOST_RELATED) {
                break;
            }
            related.add(PlainText.line(one, LONGEST_NAME));
        }
        int more = notification.relatedCount() - related.size();
        if (more > 0) {
            related.add(related.isEmpty() ? more + " other alerts" : "and " + more + " more");
        }
        return List.copyOf(related);
    }

    /** {@code written} if it can only be a web address, else nothing. */
    private static String link(String written) {
        if (written.isEmpty() || written.length() > LONGEST_LINK) {
            return "";
        }
        try {
            URI uri = new URI(written);
            String scheme = uri.getScheme();
            boolean web = "https".equalsIgnoreCase(scheme) || "http".equalsIgnoreCase(scheme);
            return web && uri.getHost() != null && uri.getUserInfo() == null
                    ? uri.toASCIIString()
                    : "";
        } catch (URISyntaxException e) {
            return "";
        }
    }

    /** A moment that every calendar can write. */
    static Instant instant(long micros) {
        Instant instant = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        if (instant.isBefore(EARLIEST)) {
            return EARLIEST;
        }
        return instant.isAfter(LATEST) ? LATEST : instant;
    }
}
