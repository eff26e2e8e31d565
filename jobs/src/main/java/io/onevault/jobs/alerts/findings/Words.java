package io.onevault.jobs.alerts.findings;

import java.util.List;
import java.util.Locale;

/** Makes one short line of texts that have names from databases in them. */
final class Words {

    private static final int MOST = 900;
    private static final double MINUTE = 60;
    private static final double HOUR = 3_600;

    private Words() {}

    /** Without control characters, shortened. */
    static String line(String text) {
        String clean = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return clean.length() <= MOST ? clean : clean.substring(0, MOST) + "…";
    }

    /** The first few of several, and how many others there are. */
    static String first(List<String> several, int most, String separator) {
        int more = several.size() - most;
        String named = String.join(separator, several.subList(0, Math.min(most, several.size())));
        return more <= 0 ? named : named + separator + (more == 1 ? "1 other" : more + " others");
    }

    static String duration(double seconds) {
        if (seconds < MINUTE) {
            return String.format(Locale.ROOT, seconds < 10 ? "%.1f s" : "%.0f s", seconds);
        }
        return seconds < HOUR
                ? String.format(Locale.ROOT, "%.0f min", seconds / MINUTE)
                : String.format(Locale.ROOT, "%.1f h", seconds / HOUR);
    }
}
