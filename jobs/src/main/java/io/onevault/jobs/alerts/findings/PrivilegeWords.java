package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.objects.FactChange;
import io.onevault.jobs.objects.ListChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Says who may do what by now and could not before, or no longer can. Roles are named by their oid
 * alone, for a role may be a person.
 */
final class PrivilegeWords {

    private static final String POLL = "privileges";

    /** What a role can do past all privileges, by itself or by a membership. */
    private static final String POWERS = "powers";

    /** How long a change counts. */
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private static final int MOST_NAMED = 3;

    private PrivilegeWords() {}

    /** What changed at once is one event, and one more for each role that gained power. */
    static void events(ListChange list, Consumer<FoundEvent> out) {
        if (!list.poll().equals(POLL)) {
            return;
        }
        List<String> changed = new ArrayList<>();
        for (FactChange change : list.changes()) {
            Map<String, String> differing = differing(change);
            if (change.before().isEmpty() || change.after().isEmpty() || !differing.isEmpty()) {
                changed.add(words(change, differing));
            }
            TreeSet<String> gained = powers(change.after());
            gained.removeAll(powers(change.before()));
            if (!gained.isEmpty()) {
                String role = second(change.key());
                out.accept(
                        event(
                                list,
                                FindingMetrics.POWERS_GAINED,
                                Map.of("role", role),
                                1,
                                "role %s has gained %s"
                                        .formatted(role, String.join(", ", gained))));
            }
        }
        if (!changed.isEmpty()) {
            out.accept(
                    event(
                            list,
                            FindingMetrics.PRIVILEGES_CHANGED,
                            Map.of(),
                            changed.size(),
                            Words.first(changed, MOST_NAMED, "; ")));
        }
    }

    private static FoundEvent event(
            ListChange list, String metric, Map<String, String> labels, int count, String about) {
        return new FoundEvent(
                new SeriesId(list.target(), "", metric, labels).text(),
                Long.toString(list.timestamp()),
                list.timestamp(),
                count,
                HOUR,
                Words.line(about));
    }

    /** Attributes that both lists know; one that only a newer collector asks for is no change. */
    private static Map<String, String> differing(FactChange change) {
        Map<String, String> differing = new TreeMap<>();
        change.before()
                .forEach(
                        (name, before) -> {
                            String after = change.after().getOrDefault(name, before);
                            if (!after.equals(before)) {
                                differing.put(name, said(before) + " -> " + said(after));
                            }
                        });
        return differing;
    }

    private static String said(String value) {
        return switch (value) {
            case "" -> "none";
            case "t" -> "yes";
            case "f" -> "no";
            default -> value;
        };
    }

    private static TreeSet<String> powers(Map<String, String> attributes) {
        TreeSet<String> powers = new TreeSet<>();
        for (String power : attributes.getOrDefault(POWERS, "").split(", ", -1)) {
            if (!power.isEmpty()) {
                powers.add(power);
            }
        }
        return powers;
    }

    private static String words(FactChange change, Map<String, String> differing) {
        String key = change.key();
        String rest = second(key);
        boolean added = change.before().isEmpty();
        boolean gone = change.after().isEmpty();
        return switch (key.substring(0, Math.max(0, key.indexOf('/')))) {
            case "role" ->
                    "role "
                            + rest
                            + (added ? " is new" : gone ? " is gone" : attributes(differing));
            case "member" -> {
                Map<String, String> known = added ? change.after() : change.before();
                yield "role %s %s member of role %s%s"
                        .formatted(
                                known.getOrDefault("member", "?"),
                                gone ? "is no longer" : "is now",
                                known.getOrDefault("role", "?"),
                                added || gone ? "" : attributes(differing));
            }
            case "database", "schema" -> "privileges on " + key.replaceFirst("/", " ");
            case "default" -> "default privileges";
            default -> "privileges on " + key.replaceFirst("/", " of schema ");
        };
    }

    private static String attributes(Map<String, String> differing) {
        List<String> all = new ArrayList<>();
        differing.forEach((name, change) -> all.add(name + " " + change));
        return ": " + String.join(", ", all);
    }

    /** What stands behind the first slash. */
    private static String second(String key) {
        return key.substring(key.indexOf('/') + 1);
    }
}
