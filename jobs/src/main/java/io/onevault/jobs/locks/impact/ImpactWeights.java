package io.onevault.jobs.locks.impact;

import java.io.Serializable;

/**
 * What adds to the impact of a lock, in points of a score from 0 to 100.
 *
 * @param perSecond for each second of waiting
 * @param waiting once, while somebody waits
 * @param criticalTable for a table that the business depends on
 * @param otherTable for any other lock
 * @param exclusive for an awaited {@code ExclusiveLock} or {@code AccessExclusiveLock}
 * @param businessHours within business hours
 * @param adminUser when the role is an administrator's; usually negative
 */
public record ImpactWeights(
        double perSecond,
        double waiting,
        double criticalTable,
        double otherTable,
        double exclusive,
        double businessHours,
        double adminUser)
        implements Serializable {

    public static final ImpactWeights DEFAULT = new ImpactWeights(2, 20, 15, 5, 25, 10, -5);
}
