package io.onevault.demo.workload;

import java.util.Map;

/**
 * What a workload has done so far, counted by the clients themselves: the truth a watcher's
 * findings are judged against. All figures are totals since the start; only committed work counts,
 * except where a failure is what is counted.
 *
 * @param transactions committed transactions
 * @param rowsWritten rows inserted, updated and deleted in {@code business} and {@code
 *     servicedesk}, by tenant
 * @param deadlocks transactions the server chose as a deadlock's victim (SQLSTATE 40P01); one per
 *     deadlock
 * @param deadlocksOfThree those among them that had three parties by design
 * @param blockingEpisodes blocking situations arranged on purpose, deadlocks not included
 * @param lockWaits waits within those episodes, one per waiting session; hot rows cause more
 * @param chainsByDepth row lock chains by the number of waiting levels below their root
 * @param schemaChangeWaits ALTER TABLE statements that had to wait for a reader
 * @param advisoryWaits sessions that waited for an advisory lock
 * @param logins successful logins in {@code auth}
 * @param failedLogins refused passwords in {@code auth}, those of bursts included
 * @param failedLoginBursts bursts of more than five refused passwords for one account
 * @param sessionsOpened sessions opened in {@code auth}
 * @param sessionsClosed sessions ended there
 * @param tenantViolations times one user name opened sessions in two tenants
 * @param unknownRoleLogins connections refused because the login role does not exist
 * @param suspiciousStatements catalogue reads, grants and file reads by roles that have no business
 *     doing so, refused ones included
 * @param idleInTransaction transactions held open for seconds without a statement
 * @param tempFileStatements statements that sorted more than their {@code work_mem} holds
 * @param slowStatements statements that ran for more than a second
 * @param reconnects connections opened again after one was lost
 * @param errors failed statements and connection attempts by SQLSTATE
 */
public record WorkloadReport(
        long transactions,
        Map<String, Long> rowsWritten,
        long deadlocks,
        long deadlocksOfThree,
        long blockingEpisodes,
        long lockWaits,
        Map<Integer, Long> chainsByDepth,
        long schemaChangeWaits,
        long advisoryWaits,
        long logins,
        long failedLogins,
        long failedLoginBursts,
        long sessionsOpened,
        long sessionsClosed,
        long tenantViolations,
        long unknownRoleLogins,
        long suspiciousStatements,
        long idleInTransaction,
        long tempFileStatements,
        long slowStatements,
        long reconnects,
        Map<String, Long> errors) {

    public WorkloadReport {
        rowsWritten = Map.copyOf(rowsWritten);
        chainsByDepth = Map.copyOf(chainsByDepth);
        errors = Map.copyOf(errors);
    }
}
