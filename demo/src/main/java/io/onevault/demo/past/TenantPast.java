package io.onevault.demo.past;

import io.onevault.connectors.model.SeriesId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * The documents that a tenant of the demo keeps in a space of its own. Nothing measures them while
 * the demo runs; their months up to last midnight (UTC) are made up, from the seed alone, so that
 * what is forecast of them can be judged.
 *
 * @param tenant its business key
 * @param growth what is true of them
 * @param seed of the noise
 */
public record TenantPast(String tenant, Growth growth, long seed) {

    /** Bytes in the unit of {@link Growth}. */
    public static final double GIGABYTE = 1e9;

    /** How many days of past there are. */
    public static final int DAYS = 270;

    /** How far ahead forecasts look for a full resource. */
    private static final int LOOKED_AHEAD = 365;

    private static final int HOURS_PER_DAY = 24;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    /** One for each kind of growth; they fit what the tenants' rows do while the demo runs. */
    public static List<TenantPast> all(long seed) {
        return List.of(
                new TenantPast("initech", Growth.FLAT, seed),
                new TenantPast("acme", Growth.LINEAR, seed),
                new TenantPast("globex", Growth.EXPONENTIAL, seed),
                new TenantPast("hooli", Growth.WEEKLY, seed),
                new TenantPast("umbrella", Growth.SAWTOOTH, seed),
                new TenantPast("stark", Growth.STEP, seed));
    }

    /** The business key of the resource and of its forecast. */
    public String series() {
        return new SeriesId("demo", tenant, "documents_bytes", Map.of()).text();
    }

    /** For people. */
    public String name() {
        return "documents of " + tenant;
    }

    /** Bytes that fit. */
    public double capacity() {
        return growth.capacity() * GIGABYTE;
    }

    /** What is true of a day before or after the end of the past, in bytes. */
    public double truth(double day) {
        return growth.at(day) * GIGABYTE;
    }

    /** What was measured so many hours before the end of the past, in bytes. */
    public double measured(int hoursBefore) {
        SplittableRandom random =
                new SplittableRandom((seed * MIX + tenant.hashCode()) * MIX + hoursBefore);
        double noise = random.nextGaussian() * growth.noise() * GIGABYTE;
        return Math.max(0, truth(-(double) hoursBefore / HOURS_PER_DAY) + noise);
    }

    /** What was measured at the ends of all days, oldest first, in bytes. */
    public List<Double> days() {
        List<Double> days = new ArrayList<>();
        for (int before = DAYS - 1; before >= 0; before--) {
            days.add(measured(before * HOURS_PER_DAY));
        }
        return List.copyOf(days);
    }

    /** The day on which they will be full; empty for never. */
    public OptionalInt fullOn() {
        for (int day = 1; day <= LOOKED_AHEAD; day++) {
            if (truth(day) >= capacity()) {
                return OptionalInt.of(day);
            }
        }
        return OptionalInt.empty();
    }
}
