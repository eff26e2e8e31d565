package io.onevault.demo;

import io.onevault.demo.past.Verdict;
import java.util.List;

/**
 * What the vault says at one moment.
 *
 * @param series the current state of the series worth showing, worst first
 * @param windows windows stored so far
 * @param rows rows of all hubs, satellites and links
 * @param warning series in state WARNING
 * @param critical series in state CRITICAL
 * @param watched series that were measured in the last minute
 * @param tenants what each tenant holds, largest first
 * @param locks who waits for whom
 * @param forecasts of what the demo knows the truth of
 * @param lagSeconds from the end of the latest window to now, on the server's clock
 */
record VaultSnapshot(
        List<Series> series,
        long windows,
        long rows,
        long watched,
        long warning,
        long critical,
        List<TenantStorage> tenants,
        Locks locks,
        List<Verdict> forecasts,
        double lagSeconds) {

    /**
     * Who waits for whom.
     *
     * @param tree the worst open incidents, a line for each session
     * @param open incidents
     * @param incidents so far
     * @param deadlocks so far
     */
    record Locks(List<String> tree, long open, long incidents, long deadlocks) {}

    /**
     * What a tenant holds in the tables whose changes are read.
     *
     * @param tenant its name
     * @param rows in all tables
     * @param bytes of these rows, uncompressed
     */
    record TenantStorage(String tenant, long rows, double bytes) {}

    /**
     * One series.
     *
     * @param name metric, with its labels where it has some
     * @param unit of the values
     * @param status NORMAL, WARNING, CRITICAL or UNKNOWN
     * @param values means of the latest windows, oldest first
     */
    record Series(String name, String unit, String status, List<Double> values) {}
}
