package io.onevault.jobs.config;

import io.onevault.jobs.capacity.forecast.ConnectionPlan;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Reads how resources are forecast. */
final class ForecastReader {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofDays(3_650);

    private ForecastReader() {}

    /**
     * @param window length of the windows that metrics are cut into
     * @param targets names of the watched servers
     */
    static ForecastSettings read(Section forecast, Duration window, Set<String> targets) {
        ForecastSettings defaults = ForecastSettings.DEFAULT;
        Section.Value written = forecast.value("period");
        Duration period =
                forecast.duration("period", defaults.period(), Duration.ofSeconds(1), HOUR);
        if (!period.equals(HOUR) && !period.equals(window)) {
            if (written != null) {
                forecast.problem(
                        written,
                        "is neither an hour nor windows.size",
                        "write 1h or " + Durations.format(window));
            }
            period = defaults.period();
        }
        Duration refit =
                forecast.duration(
                        "refit", defaults.refit(), Duration.ofSeconds(1), Duration.ofDays(30));
        Duration spread =
                forecast.duration(
                        "spread", defaults.spread(), Duration.ofMillis(1), Duration.ofDays(1));
        int days =
                forecast.number(
                        "history_days",
                        defaults.historyDays(),
                        ForecastSettings.LEAST_HISTORY_DAYS,
                        ForecastSettings.MOST_HISTORY_DAYS);
        Duration expiry =
                forecast.duration("expiry", defaults.expiry(), Duration.ofSeconds(1), LONGEST);
        if (expiry.compareTo(refit) <= 0) {
            forecast.problem(
                    "expiry",
                    "is not longer than refit",
                    "write more than " + Durations.format(refit));
            expiry = refit.plus(defaults.expiry());
        }
        int warning = forecast.number("warning_percentage", (int) defaults.warning(), 1, 100);
        int critical =
                forecast.number(
                        "critical_percentage",
                        Math.max(warning, (int) defaults.critical()),
                        warning,
                        100);
        boolean history = forecast.flag("load_history", defaults.loadHistory());
        Map<String, ConnectionPlan> connections = ConnectionsReader.read(forecast, targets);
        forecast.done();
        return new ForecastSettings(
                period, refit, spread, days, expiry, warning, critical, history, connections);
    }
}
