package io.onevault.jobs.capacity;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.capacity.TenantSeriesFunction.Tenant;
import io.onevault.jobs.capacity.attribution.Series;
import io.onevault.jobs.capacity.attribution.Series.Point;
import java.util.Map;

/** A tenant's storage as a resource. */
final class TenantStorage {

    static final String METRIC = "tenant_storage";

    private TenantStorage() {}

    /**
     * @param relation {@code schema.table}, empty for all tables
     * @param changes row changes counted in the period
     */
    static ResourceUtilization utilization(
            Tenant tenant,
            String relation,
            Series series,
            long end,
            Periods periods,
            long changes) {
        Map<String, String> labels = relation.isEmpty() ? Map.of() : Map.of("table", relation);
        String shown = tenant.shown();
        String owner = shown.isEmpty() ? "no tenant" : "tenant " + shown;
        int dot = relation.indexOf('.');
        Point dayAgo = series.daysBefore(end, 1);
        double change7d = change(series, end, 7);
        return new ResourceUtilization(
                new SeriesId(tenant.target(), shown, METRIC, labels).text(),
                tenant.target(),
                shown,
                "STORAGE",
                relation.isEmpty() ? owner : owner + ", table " + relation,
                "bytes",
                relation.substring(0, Math.max(dot, 0)),
                relation.substring(dot + 1),
                labels,
                end - periods.millis(),
                (int) (periods.millis() / 1000),
                changes,
                series.bytes(),
                Double.NaN,
                change(series, end, 1),
                change7d,
                change(series, end, 30),
                change7d / 7,
                series.rows(),
                dayAgo == null ? null : series.rows() - dayAgo.rows(),
                Double.NaN,
                "CDC");
    }

    private static double change(Series series, long end, int days) {
        Point past = series.daysBefore(end, days);
        return past == null ? Double.NaN : series.bytes() - past.bytes();
    }
}
