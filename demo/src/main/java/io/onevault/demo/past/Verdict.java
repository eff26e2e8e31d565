package io.onevault.demo.past;

import io.onevault.jobs.capacity.forecast.Projection;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A forecast beside the truth.
 *
 * @param past what it is about
 * @param month projected for 30 days later, in bytes
 * @param low80 lower bound of its 80 % interval
 * @param high80 upper bound
 * @param reaches whether it says that the resource will be full
 * @param days until then, null for never
 * @param earliest until one of ten futures is full, null for none
 * @param latest until nine of ten are, null when they are not within what was looked at
 * @param pattern of growth it saw
 * @param model that made it
 */
public record Verdict(
        TenantPast past,
        double month,
        double low80,
        double high80,
        boolean reaches,
        @Nullable Double days,
        @Nullable Double earliest,
        @Nullable Double latest,
        String pattern,
        String model) {

    private static final int MONTH_DAYS = 30;

    /** What a forecast of the past says. */
    static Verdict of(TenantPast past, ResourceForecast forecast) {
        Projection month = Objects.requireNonNull(forecast.ahead(MONTH_DAYS), "a month ahead");
        return new Verdict(
                past,
                month.mean(),
                month.lo80(),
                month.hi80(),
                Boolean.TRUE.equals(forecast.reachesCapacity()),
                known(forecast.daysToCapacity()),
                known(forecast.daysToCapacityEarliest()),
                known(forecast.daysToCapacityLatest()),
                forecast.pattern().type(),
                forecast.model());
    }

    private static @Nullable Double known(double days) {
        return Double.isNaN(days) ? null : days;
    }

    /** What will be in 30 days, in bytes. */
    public double monthTruth() {
        return past.truth(MONTH_DAYS);
    }

    /** Whether the 80 % interval of 30 days holds the truth. */
    public boolean monthHeld() {
        double truth = monthTruth();
        return truth >= low80 && truth <= high80;
    }

    /** Whether it says never where that is true, and else gives an interval with the true day. */
    public boolean right() {
        if (past.fullOn().isEmpty()) {
            return !reaches;
        }
        int truth = past.fullOn().getAsInt();
        return reaches
                && earliest != null
                && earliest <= truth
                && (latest == null || truth <= latest);
    }
}
