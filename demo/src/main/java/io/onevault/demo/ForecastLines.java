package io.onevault.demo;

import io.onevault.demo.past.TenantPast;
import io.onevault.demo.past.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Forecasts beside the truth, a line each. */
final class ForecastLines {

    private static final int WIDTH = 14;
    private static final int DAYS_A_BAR = 20;

    private ForecastLines() {}

    /** What the columns of {@link #of} are. */
    static String heading() {
        return String.format(
                Locale.ROOT,
                "  %-8s %-11s %-" + WIDTH + "s %6s %6s   %-22s %-7s %-19s %s",
                "tenant",
                "growth",
                TenantPast.DAYS + " days",
                "GB now",
                "of",
                "in 30 days (80 %)",
                "truth",
                "full in days (80 %)",
                "truth");
    }

    static String of(Verdict verdict) {
        TenantPast past = verdict.past();
        List<Double> days = past.days();
        List<Double> bars =
                IntStream.range(0, days.size())
                        .filter(i -> (days.size() - 1 - i) % DAYS_A_BAR == 0)
                        .mapToObj(days::get)
                        .toList();
        OptionalInt full = past.fullOn();
        return String.format(
                Locale.ROOT,
                "  %-8s %-11s %s %6.1f %6.0f   %-22s %-7.1f %-19s %-6s %s",
                past.tenant(),
                past.growth().name().toLowerCase(Locale.ROOT),
                Sparkline.of(bars, WIDTH, 0, past.capacity()),
                gigabytes(past.measured(0)),
                gigabytes(past.capacity()),
                String.format(
                        Locale.ROOT,
                        "%.1f (%.1f to %.1f)",
                        gigabytes(verdict.month()),
                        gigabytes(verdict.low80()),
                        gigabytes(verdict.high80())),
                gigabytes(verdict.monthTruth()),
                full(verdict),
                full.isPresent() ? full.getAsInt() : "never",
                verdict.right() ? "right" : "wrong");
    }

    private static String full(Verdict verdict) {
        if (!verdict.reaches()) {
            return "never";
        }
        return days(verdict.days())
                + " ("
                + days(verdict.earliest())
                + " to "
                + days(verdict.latest())
                + ")";
    }

    private static String days(@Nullable Double days) {
        return days == null ? "never" : String.format(Locale.ROOT, "%.0f", days);
    }

    private static double gigabytes(double bytes) {
        return bytes / TenantPast.GIGABYTE;
    }
}
