package io.onevault.forecasting.capacity;

import io.onevault.forecasting.ForecastPoint;
import io.onevault.forecasting.ForecastResult;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * What to do about a resource, in words, with the figures it rests on.
 *
 * @param urgency how soon somebody has to act
 * @param toWarning time until the warning level
 * @param toCritical time until the critical level
 * @param toCapacity time until the resource is full
 * @param state how full it is and when it will be, a sentence
 * @param action one or two sentences for people: what to do, with the state
 */
public record CapacityAdvice(
        Urgency urgency,
        TimeToCapacity toWarning,
        TimeToCapacity toCritical,
        TimeToCapacity toCapacity,
        String state,
        String action) {

    /** Whether something is to be done rather than looked at. */
    public boolean acts() {
        return urgency.compareTo(Urgency.PLAN) >= 0;
    }

    /**
     * What helps against a resource that runs out, as sentences begin.
     *
     * @param now when it is critical already
     * @param soon when it is expected within the horizon
     * @param later when it is expected within four
     * @param sized whether a larger one helps, so that its size is recommended
     */
    public record Remedy(String now, String soon, String later, boolean sized) {

        /** More of it. */
        public static final Remedy CAPACITY =
                new Remedy(
                        "Free space or add capacity now",
                        "Add capacity",
                        "Plan an extension",
                        true);
    }

    /** How soon somebody has to act. */
    public enum Urgency {
        /** Nothing to do. */
        NONE,
        /** Look again: it may be reached, though it is not expected to be. */
        WATCH,
        /** Expected within four horizons. */
        PLAN,
        /** Expected, or likely at some time, within the horizon. */
        ACT,
        /** The critical level is reached. */
        NOW
    }

    /** The recommended size leaves this share free at the end of the horizon. */
    private static final double HEADROOM = 0.2;

    /**
     * Advice for one resource.
     *
     * @param warning share of the capacity at which to warn, for example 0.8
     * @param critical share of the capacity that is critical, for example 0.9
     * @param stepName plural name of a step, for example "days"
     */
    public static CapacityAdvice of(
            ForecastResult forecast,
            double capacity,
            double warning,
            double critical,
            String stepName,
            Remedy remedy) {
        TimeToCapacity toWarning = forecast.timeTo(warning * capacity);
        TimeToCapacity toCritical = forecast.timeTo(critical * capacity);
        TimeToCapacity toCapacity = forecast.timeTo(capacity);
        if (forecast.path().isEmpty()) {
            return new CapacityAdvice(
                    Urgency.NONE,
                    toWarning,
                    toCritical,
                    toCapacity,
                    "No data.",
                    "No data: check that this resource is collected.");
        }
        Urgency urgency = urgency(forecast, toCritical, toCapacity);
        String used =
                String.format(
                        Locale.ROOT,
                        "%s of %s used (%.0f %%)",
                        number(forecast.lastValue()),
                        number(capacity),
                        100 * forecast.lastValue() / capacity);
        String state = used + ", " + full(forecast, toCapacity, stepName) + ".";
        String verdict = ": " + state;
        String size = remedy.sized() ? " " + size(forecast, capacity, stepName) : "";
        String action =
                switch (urgency) {
                    case NOW -> remedy.now() + verdict + size;
                    case ACT -> remedy.soon() + verdict + size;
                    case PLAN -> remedy.later() + verdict;
                    case WATCH -> "Watch" + verdict;
                    case NONE -> "Nothing to do" + verdict;
                };
        return new CapacityAdvice(urgency, toWarning, toCritical, toCapacity, state, action);
    }

    private static Urgency urgency(
            ForecastResult forecast, TimeToCapacity toCritical, TimeToCapacity toCapacity) {
        if (toCritical.expectedWithin(0)) {
            return Urgency.NOW;
        }
        if (forecast.expectedToReach(toCapacity.level(), forecast.horizon())) {
            return Urgency.ACT;
        }
        if (!toCapacity.never()) {
            return Urgency.PLAN;
        }
        return toCapacity.earliest().isPresent() ? Urgency.WATCH : Urgency.NONE;
    }

    /** When it is full: on the central path, and at some time where that is likely sooner. */
    private static String full(
            ForecastResult forecast, TimeToCapacity toCapacity, String stepName) {
        String central = toCapacity.inWords(stepName);
        OptionalInt first = forecast.expectedBy(toCapacity.level());
        if (first.isEmpty() || first.equals(toCapacity.median())) {
            return "full " + central;
        }
        int horizon = forecast.horizon();
        if (toCapacity.expectedWithin(horizon)) {
            return String.format(
                    Locale.ROOT,
                    "full %s, more likely than not at some time within %d",
                    central,
                    first.getAsInt());
        }
        return String.format(
                Locale.ROOT,
                "more likely than not full at some time within %d %s (%.0f %% within %d), %s",
                first.getAsInt(),
                stepName,
                100 * forecast.probabilityOfReaching(toCapacity.level(), horizon),
                horizon,
                toCapacity.never()
                        ? "though not on the central path"
                        : "on the central path " + central);
    }

    private static String size(ForecastResult forecast, double capacity, String stepName) {
        ForecastPoint end = forecast.at(Math.min(forecast.horizon(), forecast.path().size()));
        double wanted = Math.max(capacity, end.hi80() / (1 - HEADROOM));
        return String.format(
                Locale.ROOT,
                "%s holds for %d %s with %.0f %% free in nine cases of ten.",
                number(wanted),
                forecast.horizon(),
                stepName,
                100 * HEADROOM);
    }

    private static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 1_000 || value == Math.rint(value) ? "%,.0f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }
}
