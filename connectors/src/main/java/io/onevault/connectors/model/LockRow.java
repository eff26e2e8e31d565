package io.onevault.connectors.model;

/**
 * One lock that one process or prepared transaction holds or waits for: a row of {@code pg_locks}.
 *
 * <p>The fields from {@code type} to {@code objectSubId} name what is locked; which of them mean
 * something depends on {@code type}, the others are 0 or empty, as in the server's own lock tag.
 *
 * @param type what is locked: {@code relation}, {@code extend}, {@code frozenid}, {@code page},
 *     {@code tuple}, {@code transactionid}, {@code virtualxid}, {@code spectoken}, {@code object},
 *     {@code userlock}, {@code advisory}, {@code applytransaction}
 * @param database its object id, 0 for what all databases share or none has
 * @param relation its object id
 * @param relationName schema and name, quoted where SQL demands it, without control characters;
 *     empty when unknown, as for relations of other databases
 * @param page within the relation
 * @param tuple within the page
 * @param virtualXid the virtual transaction that is locked
 * @param transactionId the transaction that is locked, 32 bits
 * @param classId the catalogue of the object, or the high half of an advisory key
 * @param objectId the object, the low half or second part of an advisory key, or the token
 * @param objectSubId the column; of an advisory key 1 for one of 64 bits, 2 for two of 32
 * @param virtualTransaction who holds or waits, also for a prepared transaction
 * @param pid who holds or waits; 0 for a prepared transaction
 * @param mode as the server names it, e.g. {@code AccessShareLock}
 * @param granted whether it is held; otherwise it is waited for
 * @param fastPath whether it stands outside the shared lock table, where nobody can wait for it
 * @param waitStartMicros when the wait began, server's clock, microseconds since the epoch; 0 when
 *     the lock is held, and for a moment after the wait began
 */
public record LockRow(
        String type,
        long database,
        long relation,
        String relationName,
        long page,
        int tuple,
        String virtualXid,
        long transactionId,
        long classId,
        long objectId,
        int objectSubId,
        String virtualTransaction,
        int pid,
        String mode,
        boolean granted,
        boolean fastPath,
        long waitStartMicros) {}
