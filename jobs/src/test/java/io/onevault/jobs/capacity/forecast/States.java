package io.onevault.jobs.capacity.forecast;

import static java.lang.Double.NaN;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.capacity.ResourceUtilization;
import java.util.Map;

/** States of resources for tests, counted in days and hours from one moment. */
public final class States {

    public static final long HOUR = 3_600_000L;
    public static final long DAY = 24 * HOUR;

    /** A midnight. */
    public static final long T0 = 20_000 * DAY;

    private States() {}

    /** The last state of a day. */
    public static ResourceUtilization ofDay(
            String name, String type, int day, double value, double capacity) {
        return at(name, type, T0 + (day + 1) * DAY, value, capacity, "POLLING");
    }

    /** The state at the end of an hour. */
    public static ResourceUtilization ofHour(
            String name, String type, int hour, double value, double capacity) {
        return at(name, type, T0 + (hour + 1) * HOUR, value, capacity, "POLLING");
    }

    /** The state of connections at the end of an hour. */
    public static ResourceUtilization connections(
            int hour, double open, double possible, double executing) {
        ResourceUtilization u = ofHour("prod", Resource.CONNECTIONS, hour, open, possible);
        return new ResourceUtilization(
                u.series(),
                u.target(),
                u.tenant(),
                u.resourceType(),
                u.resourceName(),
                "connections",
                u.schemaName(),
                u.objectName(),
                u.labels(),
                u.periodStart(),
                u.periodSeconds(),
                u.sampleCount(),
                u.currentValue(),
                u.maxCapacity(),
                NaN,
                NaN,
                NaN,
                NaN,
                null,
                null,
                executing,
                u.source());
    }

    /** A state with every part that matters here. */
    public static ResourceUtilization at(
            String name, String type, long end, double value, double capacity, String source) {
        return new ResourceUtilization(
                new SeriesId("prod", "", name, Map.of()).text(),
                "prod",
                "",
                type,
                name,
                "bytes",
                "",
                "",
                Map.of(),
                end - HOUR,
                3_600,
                60,
                value,
                capacity,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                null,
                null,
                Double.NaN,
                source);
    }
}
