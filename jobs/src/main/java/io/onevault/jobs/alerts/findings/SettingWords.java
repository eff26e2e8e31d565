package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.objects.FactChange;
import io.onevault.jobs.objects.ListChange;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says which settings have another value than before. Where a value comes from, or that it waits
 * for a restart, is no change of it. What nobody can set does not count, nor what each transaction
 * sets.
 */
final class SettingWords {

    private static final String POLL = "settings";

    /** How long a change counts. */
    private static final long HOUR = Duration.ofHours(1).toMillis();

    private static final int MOST_NAMED = 3;
    private static final int LONGEST_VALUE = 60;

    private static final Pattern UNIT = Pattern.compile("(\\d*)([A-Za-z]+)");

    /** Smallest first, in bytes. */
    private static final List<Unit> SIZES =
            List.of(
                    new Unit("B", 1),
                    new Unit("kB", 1L << 10),
                    new Unit("MB", 1L << 20),
                    new Unit("GB", 1L << 30),
                    new Unit("TB", 1L << 40));

    /** Smallest first, in microseconds. */
    private static final List<Unit> TIMES =
            List.of(
                    new Unit("us", 1),
                    new Unit("ms", 1_000),
                    new Unit("s", 1_000_000),
                    new Unit("min", 60_000_000L),
                    new Unit("h", 3_600_000_000L),
                    new Unit("d", 86_400_000_000L));

    private record Unit(String name, long size) {}

    private SettingWords() {}

    /** What changed at once is one event. */
    static void events(ListChange list, Consumer<FoundEvent> out) {
        if (!list.poll().equals(POLL)) {
            return;
        }
        List<String> changed = new ArrayList<>();
        for (FactChange change : list.changes()) {
            if (counts(change)) {
                changed.add(words(change));
            }
        }
        if (!changed.isEmpty()) {
            out.accept(
                    new FoundEvent(
                            new SeriesId(
                                            list.target(),
                                            "",
                                            FindingMetrics.SETTINGS_CHANGED,
                                            Map.of())
                                    .text(),
                            Long.toString(list.timestamp()),
                            list.timestamp(),
                            changed.size(),
                            HOUR,
                            Words.line(Words.first(changed, MOST_NAMED, ", "))));
        }
    }

    /** What an extension keeps in a setting of its own may be a secret, whatever its name. */
    private static String words(FactChange change) {
        return change.key().indexOf('.') < 0
                ? "%s %s -> %s"
                        .formatted(change.key(), value(change.before()), value(change.after()))
                : change.key();
    }

    private static boolean counts(FactChange change) {
        String before = change.before().get("setting");
        String after = change.after().get("setting");
        return before != null
                && after != null
                && !before.equals(after)
                && !"internal".equals(change.after().get("context"))
                && !change.key().startsWith("transaction_");
    }

    private static String value(Map<String, String> attributes) {
        String setting = attributes.getOrDefault("setting", "");
        String text = readable(setting, attributes.getOrDefault("unit", ""));
        if (text.isEmpty()) {
            return "(empty)";
        }
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
    }

    /** As {@code SHOW} has it: 16384 of 8kB are 128MB. */
    static String readable(String setting, String unit) {
        Matcher parts = UNIT.matcher(unit);
        if (!parts.matches()) {
            return setting;
        }
        for (List<Unit> scale : List.of(SIZES, TIMES)) {
            for (Unit one : scale) {
                if (one.name().equals(parts.group(2))) {
                    long several = parts.group(1).isEmpty() ? 1 : Long.parseLong(parts.group(1));
                    return readable(setting, unit, one.size() * several, scale);
                }
            }
        }
        return setting + unit;
    }

    private static String readable(String setting, String unit, long size, List<Unit> scale) {
        BigDecimal all;
        try {
            all = new BigDecimal(setting).multiply(BigDecimal.valueOf(size));
        } catch (NumberFormatException e) {
            return setting + unit;
        }
        if (all.signum() <= 0) {
            // These mean something else than a size or a time.
            return setting;
        }
        String best = setting + unit;
        for (Unit larger : scale) {
            BigDecimal[] times = all.divideAndRemainder(BigDecimal.valueOf(larger.size()));
            if (times[0].signum() > 0 && times[1].signum() == 0) {
                best = times[0].toBigInteger() + larger.name();
            }
        }
        return best;
    }
}
