package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.capacity.ResourceMetrics;
import io.onevault.jobs.capacity.forecast.Projection;
import io.onevault.jobs.capacity.forecast.Resource;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.metrics.Outlook;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A forecast as values: how many days are left, and what is expected of the resource's metrics.
 *
 * <p>Days are left until a level is more likely than not to have been reached at some time, which
 * is the criterion that the accuracy of alerts is measured by.
 *
 * <p>It counts as far as it was backtested: a forecast in hours, of a history of less than two
 * weeks, for seven days. So a young resource is not said to fill up in a month for what one day's
 * load did.
 */
public final class ForecastFindings {

    /** Days that stand for never: ten years, far beyond every forecast. */
    public static final double NEVER = 3_650;

    private static final int DAY_SECONDS = 86_400;
    private static final double BACKTESTED_HOURLY_DAYS = 7;
    private static final double PERCENT = 100;

    private ForecastFindings() {}

    /** What the forecast says, all as of its newest state. */
    public static void values(ResourceForecast forecast, Consumer<LiveValue> out) {
        Resource resource = forecast.resource();
        SeriesId series = SeriesId.parse(resource.series());
        String about = about(forecast);
        boolean limited = forecast.capacity() > 0;
        if (limited) {
            Map<String, String> labels =
                    Map.of(
                            "resource",
                            series.metric(),
                            "resource_type",
                            resource.type(),
                            "resource_name",
                            resource.name());
            out.accept(days(forecast, labels, FindingMetrics.DAYS_TO_CAPACITY, about));
            out.accept(days(forecast, labels, FindingMetrics.DAYS_TO_CRITICAL, about));
            out.accept(days(forecast, labels, FindingMetrics.DAYS_TO_WARNING, about));
        }
        out.accept(expected(forecast, series.text(), 1, about));
        String share = ResourceMetrics.shareOf(series.metric());
        if (limited && !share.isEmpty()) {
            String text =
                    new SeriesId(series.target(), series.tenant(), share, series.labels()).text();
            out.accept(expected(forecast, text, PERCENT / forecast.capacity(), about));
        }
    }

    private static LiveValue days(
            ResourceForecast forecast, Map<String, String> labels, String metric, String about) {
        double days =
                switch (metric) {
                    case FindingMetrics.DAYS_TO_CAPACITY -> forecast.likelyDaysToCapacity();
                    case FindingMetrics.DAYS_TO_CRITICAL -> forecast.likelyDaysToCritical();
                    default -> forecast.likelyDaysToWarning();
                };
        Resource resource = forecast.resource();
        return new LiveValue(
                new SeriesId(resource.target(), resource.tenant(), metric, labels).text(),
                forecast.asOf(),
                Double.isNaN(days) || days > reach(forecast) ? NEVER : days,
                about);
    }

    private static LiveValue expected(
            ResourceForecast forecast, String series, double scale, String about) {
        List<Double> days = new ArrayList<>();
        List<Double> expected = new ArrayList<>();
        days.add(0.0);
        expected.add(scale * forecast.current());
        for (Projection projection : forecast.projections()) {
            if (projection.days() <= reach(forecast)) {
                days.add((double) projection.days());
                expected.add(scale * projection.mean());
            }
        }
        return new LiveValue(
                series,
                forecast.asOf(),
                scale * forecast.current(),
                about,
                new Outlook(days, expected));
    }

    private static double reach(ResourceForecast forecast) {
        return forecast.stepSeconds() < DAY_SECONDS ? BACKTESTED_HOURLY_DAYS : NEVER;
    }

    private static String about(ResourceForecast forecast) {
        String sure =
                Double.isNaN(forecast.confidence())
                        ? ""
                        : String.format(Locale.ROOT, " Confidence %.0f %%.", forecast.confidence());
        return Words.line(forecast.resource().name() + ": " + forecast.action() + sure);
    }
}
