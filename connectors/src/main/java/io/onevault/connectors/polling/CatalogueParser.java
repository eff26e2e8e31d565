package io.onevault.connectors.polling;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricDefinition.Judged;
import io.onevault.connectors.model.MetricKind;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the header comments of one file of the catalogue; {@link PollCatalogue} documents their
 * form. Every complaint names file and line.
 */
final class CatalogueParser {

    /** What one file declares. */
    record Parsed(
            String poll,
            PollTarget.Kind source,
            Duration interval,
            String role,
            String extension,
            String factKind,
            boolean factsRanked,
            Map<String, MetricDefinition> metrics,
            Poll.Variant variant) {}

    private static final Pattern PATH = Pattern.compile("([a-z0-9_]+)/(?:(\\d+)-(\\d+)|any)\\.sql");
    private static final Pattern KEY = Pattern.compile("([a-z]+):\\s*(.*)");
    private static final Pattern METRIC_NAME = Pattern.compile("[a-z][a-z0-9_]*");
    private static final Pattern INTERVAL = Pattern.compile("(\\d+)(ms|s|m|h)");
    private static final Pattern THRESHOLD =
            Pattern.compile("(warning|critical)\\s*([<>])\\s*(-?[0-9.]+)");
    private static final Set<String> CATEGORIES =
            Set.of("PERFORMANCE", "AVAILABILITY", "SECURITY", "CAPACITY");
    private static final int ANY_VERSION = 999;

    /** As many characters as the vault's columns hold. */
    private static final int LONGEST_NAME = 100;

    private static final int LONGEST_UNIT = 20;

    private static final String RANKED = ", ranked";

    private final String file;
    private final String pathPoll;
    private final int minVersion;
    private final int maxVersion;
    private final StringBuilder question = new StringBuilder();
    private final Map<String, MetricDefinition> metrics = new LinkedHashMap<>();
    private PollTarget.Kind source = PollTarget.Kind.POSTGRES;
    private String declaredPoll = "";
    private Duration interval = Duration.ZERO;
    private String role = "";
    private String extension = "";
    private String factKind = "";
    private boolean factsRanked;

    private CatalogueParser(String file) {
        this.file = file;
        Matcher path = PATH.matcher(file);
        if (!path.matches()) {
            throw new IllegalArgumentException(
                    file + ": name poll files <poll>/<from>-<to>.sql or <poll>/any.sql");
        }
        this.pathPoll = path.group(1);
        this.minVersion = path.group(2) == null ? 0 : Integer.parseInt(path.group(2));
        this.maxVersion = path.group(3) == null ? ANY_VERSION : Integer.parseInt(path.group(3));
    }

    /**
     * Parses a file.
     *
     * @param file its path below the catalogue's root, with slashes
     * @throws IllegalArgumentException with file, line and remedy
     */
    static Parsed parse(String file, String text) {
        return new CatalogueParser(file).parse(text);
    }

    private Parsed parse(String text) {
        List<String> lines = text.lines().toList();
        int line = 0;
        while (line < lines.size() && lines.get(line).startsWith("--")) {
            header(lines.get(line).substring(2).strip(), line + 1);
            line++;
        }
        String sql = String.join("\n", lines.subList(line, lines.size())).strip();
        if (!declaredPoll.equals(pathPoll)) {
            throw problem(line, "the header must say \"-- poll: %s\", as the folder", pathPoll);
        }
        if (interval.isZero()) {
            throw problem(line, "the header lacks \"-- interval:\", e.g. \"-- interval: 30s\"");
        }
        if (question.isEmpty()) {
            throw problem(1, "the header must begin with the question the poll answers");
        }
        if (minVersion > maxVersion) {
            throw problem(1, "the version range in the file's name is empty");
        }
        if (sql.isEmpty() != (source == PollTarget.Kind.HOST)) {
            throw problem(
                    line,
                    "a poll of source %s %s SQL",
                    source.text(),
                    sql.isEmpty() ? "needs" : "takes no");
        }
        if (metrics.isEmpty() && factKind.isEmpty()) {
            throw problem(line, "the header declares neither \"-- metric:\" nor \"-- fact:\"");
        }
        return new Parsed(
                pathPoll,
                source,
                interval,
                role,
                extension,
                factKind,
                factsRanked,
                metrics,
                new Poll.Variant(file, question.toString(), minVersion, maxVersion, sql));
    }

    private void header(String content, int line) {
        Matcher key = KEY.matcher(content);
        if (!key.matches()) {
            if (!content.isEmpty() && declaredPoll.isEmpty()) {
                question.append(question.isEmpty() ? "" : " ").append(content);
            }
            return;
        }
        String value = key.group(2).strip();
        switch (key.group(1)) {
            case "poll" -> declaredPoll = value;
            case "interval" -> interval = interval(value, line);
            case "requires" -> requires(value, line);
            case "source" -> source = source(value, line);
            case "fact" -> {
                factsRanked = value.endsWith(RANKED);
                factKind =
                        factsRanked ? value.substring(0, value.length() - RANKED.length()) : value;
            }
            case "metric" -> metric(value, line);
            default ->
                    throw problem(
                            line,
                            "unknown key \"%s\"; known are poll, interval, requires, source, fact,"
                                    + " metric",
                            key.group(1));
        }
    }

    private void requires(String value, int line) {
        if (value.startsWith("extension ")) {
            extension = value.substring("extension ".length()).strip();
        } else if (value.startsWith("role ")) {
            role = value.substring("role ".length()).strip();
        } else {
            throw problem(line, "requires is \"extension <name>\" or \"role <name>\"");
        }
    }

    private PollTarget.Kind source(String value, int line) {
        for (PollTarget.Kind kind : PollTarget.Kind.values()) {
            if (kind.text().equals(value)) {
                return kind;
            }
        }
        throw problem(line, "source is postgres, pgbouncer or host, not \"%s\"", value);
    }

    private Duration interval(String value, int line) {
        Matcher matcher = INTERVAL.matcher(value);
        if (!matcher.matches()) {
            throw problem(line, "interval \"%s\" is not like 500ms, 10s, 5m or 1h", value);
        }
        String unit = matcher.group(2);
        try {
            return Duration.parse(
                    unit.equals("ms")
                            ? "PT" + Long.parseLong(matcher.group(1)) / 1000.0 + "S"
                            : "PT" + matcher.group(1) + unit.toUpperCase(Locale.ROOT));
        } catch (DateTimeParseException | NumberFormatException e) {
            throw problem(line, "interval \"%s\" is out of range", value);
        }
    }

    private void metric(String value, int line) {
        List<String> fields = List.of(value.split("\\|", -1)).stream().map(String::strip).toList();
        if (fields.size() < 5) {
            throw problem(
                    line,
                    "a metric is \"name | kind | unit | category | thresholds… | description\"");
        }
        String name = fields.get(0);
        if (!METRIC_NAME.matcher(name).matches() || name.length() > LONGEST_NAME) {
            throw problem(
                    line,
                    "metric name \"%s\" is not lower snake case of at most %d characters",
                    name,
                    LONGEST_NAME);
        }
        if (fields.get(2).length() > LONGEST_UNIT) {
            throw problem(
                    line, "unit \"%s\" has more than %d characters", fields.get(2), LONGEST_UNIT);
        }
        if (!CATEGORIES.contains(fields.get(3))) {
            throw problem(line, "category \"%s\" is none of %s", fields.get(3), CATEGORIES);
        }
        double warning = Double.NaN;
        double critical = Double.NaN;
        Direction direction = Direction.ABOVE;
        Judged judged = Judged.MEAN;
        for (String field : fields.subList(4, fields.size() - 1)) {
            if (field.equals("worst")) {
                judged = Judged.WORST;
                continue;
            }
            Matcher threshold = THRESHOLD.matcher(field);
            if (!threshold.matches()) {
                throw problem(
                        line,
                        "threshold \"%s\" is not like warning>80, nor is it the word worst",
                        field);
            }
            double limit = Double.parseDouble(threshold.group(3));
            direction = threshold.group(2).equals(">") ? Direction.ABOVE : Direction.BELOW;
            if (threshold.group(1).equals("warning")) {
                warning = limit;
            } else {
                critical = limit;
            }
        }
        if (direction == Direction.ABOVE ? warning > critical : warning < critical) {
            throw problem(line, "metric %s: the warning lies beyond the critical threshold", name);
        }
        MetricDefinition definition =
                new MetricDefinition(
                        name,
                        kind(fields.get(1), line),
                        fields.get(2),
                        fields.get(3),
                        warning,
                        critical,
                        direction,
                        judged,
                        fields.get(fields.size() - 1));
        if (metrics.put(name, definition) != null) {
            throw problem(line, "metric %s is declared twice", name);
        }
    }

    private MetricKind kind(String value, int line) {
        return switch (value) {
            case "gauge" -> MetricKind.GAUGE;
            case "counter" -> MetricKind.COUNTER;
            case "ratio" -> MetricKind.RATIO;
            default -> throw problem(line, "kind \"%s\" is not gauge, counter or ratio", value);
        };
    }

    private IllegalArgumentException problem(int line, String format, Object... arguments) {
        return new IllegalArgumentException(
                file + ":" + line + ": " + String.format(Locale.ROOT, format, arguments));
    }
}
