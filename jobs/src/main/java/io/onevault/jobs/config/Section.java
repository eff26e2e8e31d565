package io.onevault.jobs.config;

import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.config.YamlNode.Absent;
import io.onevault.jobs.config.YamlNode.Items;
import io.onevault.jobs.config.YamlNode.Mapping;
import io.onevault.jobs.config.YamlNode.Scalar;
import io.onevault.jobs.config.YamlNode.Unusable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of one group. A wrong value is reported and its default taken, so that reading
 * goes on to the next mistake; {@link #done} reports the keys nobody asked for.
 */
final class Section {

    private final String path;
    private final Mapping node;
    private final Interpolation interpolation;
    private final ProblemList problems;
    private final Set<String> known = new LinkedHashSet<>();

    /**
     * @param path of this group, empty for the file
     */
    Section(String path, Mapping node, Interpolation interpolation, ProblemList problems) {
        this.path = path;
        this.node = node;
        this.interpolation = interpolation;
        this.problems = problems;
    }

    /**
     * One value.
     *
     * @param line where it stands
     * @param path of its key
     * @param written as in the file, to be shown
     * @param text with variables and files put in, never to be shown
     */
    record Value(int line, String path, String written, String text) {}

    /** Reports {@code value}. */
    void problem(Value value, String what, String remedy) {
        problems.add(value.line(), value.path(), value.written(), what, remedy);
    }

    /** Reports this group or, when there is such a key, {@code key} of it. */
    void problem(String key, String what, String remedy) {
        problems.add(lineOf(key), path(key), "", what, remedy);
    }

    /** Reports {@code key} as missing unless it is there. */
    void require(String key, String remedy) {
        YamlNode value = node.entries().get(key);
        if (value == null || value instanceof Absent) {
            problems.add(lineOf(key), path(key), "", "is missing", remedy);
        }
    }

    /** Whether the file says anything at {@code key}. */
    boolean has(String key) {
        known.add(key);
        YamlNode value = node.entries().get(key);
        return value != null && !(value instanceof Absent);
    }

    /** Where the group begins in the file. */
    int line() {
        return node.line();
    }

    /** The value of {@code key}; null when it is missing or has been reported. */
    @Nullable Value value(String key) {
        known.add(key);
        YamlNode value = node.entries().get(key);
        return value == null ? null : scalar(value, path(key));
    }

    private @Nullable Value scalar(YamlNode value, String valuePath) {
        if (value instanceof Scalar scalar) {
            try {
                return new Value(
                        scalar.line(),
                        valuePath,
                        Redaction.written(valuePath, scalar.text()),
                        interpolation.resolve(scalar.text()));
            } catch (Interpolation.Unresolved e) {
                problems.add(scalar.line(), valuePath, "", e.what(), e.remedy());
                return null;
            }
        }
        if (!(value instanceof Absent) && !(value instanceof Unusable)) {
            problems.add(value.line(), valuePath, "", "is " + value.kind(), "write a single value");
        }
        return null;
    }

    /** The text of {@code key}; null when it is missing or blank. */
    @Nullable String text(String key) {
        Value value = value(key);
        if (value != null && value.text().isBlank()) {
            problem(value, "is blank", "write a value or leave the key out");
            return null;
        }
        return value == null ? null : value.text().strip();
    }

    String text(String key, String fallback) {
        String text = text(key);
        return text == null ? fallback : text;
    }

    Secret secret(String key, Secret fallback) {
        Value value = value(key);
        return value == null ? fallback : Secret.of(value.text());
    }

    boolean flag(String key, boolean fallback) {
        Value value = value(key);
        if (value == null) {
            return fallback;
        }
        switch (value.text().strip()) {
            case "true":
                return true;
            case "false":
                return false;
            default:
                problem(value, "is neither true nor false", "write true or false");
                return fallback;
        }
    }

    /** A whole number in the closed range; null when it is missing. */
    @Nullable Integer number(String key, int least, int most) {
        Value value = value(key);
        if (value == null) {
            return null;
        }
        String range = "write a whole number from " + least + " to " + most;
        try {
            long number = Long.parseLong(value.text().strip());
            if (number >= least && number <= most) {
                return (int) number;
            }
            problem(value, "is out of range", range);
        } catch (NumberFormatException e) {
            problem(value, "is not a whole number", range);
        }
        return null;
    }

    int number(String key, int fallback, int least, int most) {
        Integer number = number(key, least, most);
        return number == null ? fallback : number;
    }

    /** A duration in the closed range. */
    Duration duration(String key, Duration fallback, Duration least, Duration most) {
        Value value = value(key);
        Duration found = value == null ? null : duration(value, least, most);
        return found == null ? fallback : found;
    }

    private @Nullable Duration duration(Value value, Duration least, Duration most) {
        String range =
                "write a duration from %s to %s, such as 500ms, 10s, 5m, 2h or 1d"
                        .formatted(Durations.format(least), Durations.format(most));
        Duration duration = Durations.parse(value.text()).orElse(null);
        if (duration == null) {
            problem(value, "is not a duration", range);
        } else if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
            problem(value, "is out of range", range);
            return null;
        }
        return duration;
    }

    /** One of {@code choices} by its word. */
    <T> @Nullable T choice(String key, List<T> choices, Function<T, String> word) {
        Value value = value(key);
        return value == null ? null : chosen(value, choices, word);
    }

    private <T> @Nullable T chosen(Value value, List<T> choices, Function<T, String> word) {
        for (T choice : choices) {
            if (word.apply(choice).equals(value.text().strip())) {
                return choice;
            }
        }
        String all = String.join(", ", choices.stream().map(word).toList());
        problem(value, "is not known here", "write one of: " + all);
        return null;
    }

    /** A list of choices, without doubles; null when missing. */
    <T> @Nullable Set<T> choices(String key, List<T> choices, Function<T, String> word) {
        List<Value> values = values(key);
        if (values == null) {
            return null;
        }
        Set<T> found = new LinkedHashSet<>();
        for (Value value : values) {
            T choice = chosen(value, choices, word);
            if (choice != null && !found.add(choice)) {
                problem(value, "is listed twice", "keep one of them");
            }
        }
        return found;
    }

    /** The values of a list; null when missing. */
    @Nullable List<Value> values(String key) {
        List<YamlNode> items = items(key);
        if (items == null) {
            return null;
        }
        List<Value> values = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Value value = scalar(items.get(i), path(key) + '[' + i + ']');
            if (value != null) {
                values.add(value);
            }
        }
        return values;
    }

    /** Key to duration, for keys among {@code names}. */
    Map<String, Duration> durations(String key, Set<String> names, Duration least, Duration most) {
        Map<String, Duration> found = new LinkedHashMap<>();
        Section inner = section(key);
        for (String name : names) {
            Value value = inner.value(name);
            Duration duration = value == null ? null : inner.duration(value, least, most);
            if (duration != null) {
                found.put(name, duration);
            }
        }
        inner.done();
        return found;
    }

    /** Key to text, for whatever keys there are. */
    Map<String, String> texts(String key) {
        Map<String, String> found = new LinkedHashMap<>();
        Section inner = section(key);
        for (String name : inner.node.entries().keySet()) {
            String text = inner.text(name);
            if (text != null) {
                found.put(name, text);
            }
        }
        return found;
    }

    /** The group {@code key}, an empty one when it is missing or has been reported. */
    Section section(String key) {
        known.add(key);
        YamlNode value = node.entries().get(key);
        return group(value == null ? new Absent(lineOf(key)) : value, path(key));
    }

    /** A list of groups; null when missing. */
    @Nullable List<Section> sections(String key) {
        List<YamlNode> items = items(key);
        if (items == null) {
            return null;
        }
        List<Section> groups = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            groups.add(group(items.get(i), path(key) + '[' + i + ']'));
        }
        return groups;
    }

    private Section group(YamlNode value, String groupPath) {
        if (value instanceof Mapping mapping) {
            return new Section(groupPath, mapping, interpolation, problems);
        }
        if (!(value instanceof Absent) && !(value instanceof Unusable)) {
            problems.add(
                    value.line(),
                    groupPath,
                    "",
                    "is " + value.kind(),
                    "write a group of keys, indented below it");
        }
        return new Section(
                groupPath, new Mapping(value.line(), Map.of(), Map.of()), interpolation, problems);
    }

    private @Nullable List<YamlNode> items(String key) {
        known.add(key);
        YamlNode value = node.entries().get(key);
        if (value instanceof Items items) {
            return items.items();
        }
        if (value != null && !(value instanceof Absent) && !(value instanceof Unusable)) {
            problems.add(
                    value.line(),
                    path(key),
                    "",
                    "is " + value.kind(),
                    "write a list: each entry on a line of its own after a hyphen, or [a, b]");
        }
        return null;
    }

    /** Reports every key that was not asked for. */
    void done() {
        for (String key : node.entries().keySet()) {
            if (!known.contains(key)) {
                problems.add(
                        lineOf(key),
                        path(key),
                        "",
                        "is not a known key",
                        Nearest.remedy(key, known));
            }
        }
    }

    private String path(String key) {
        return path.isEmpty() ? key : path + '.' + key;
    }

    private int lineOf(String key) {
        Integer line = node.keyLines().get(key);
        return line == null ? node.line() : line;
    }
}
