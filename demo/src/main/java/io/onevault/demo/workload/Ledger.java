package io.onevault.demo.workload;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Thread-safe counters behind {@link WorkloadReport}. */
final class Ledger {

    /** What is counted; each is a component of {@link WorkloadReport}. */
    enum Event {
        TRANSACTION,
        DEADLOCK_OF_THREE,
        BLOCKING_EPISODE,
        LOCK_WAIT,
        SCHEMA_CHANGE_WAIT,
        ADVISORY_WAIT,
        LOGIN,
        FAILED_LOGIN,
        FAILED_LOGIN_BURST,
        SESSION_OPENED,
        SESSION_CLOSED,
        TENANT_VIOLATION,
        UNKNOWN_ROLE_LOGIN,
        SUSPICIOUS_STATEMENT,
        IDLE_IN_TRANSACTION,
        TEMP_FILE_STATEMENT,
        SLOW_STATEMENT,
        RECONNECT
    }

    private final Map<Event, LongAdder> events = new EnumMap<>(Event.class);
    private final Map<String, LongAdder> rows = new ConcurrentHashMap<>();
    private final Map<Integer, LongAdder> chains = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();

    Ledger() {
        for (Event event : Event.values()) {
            events.put(event, new LongAdder());
        }
    }

    void count(Event event) {
        count(event, 1);
    }

    void count(Event event, long times) {
        adder(event).add(times);
    }

    void rows(String tenant, long written) {
        rows.computeIfAbsent(tenant, key -> new LongAdder()).add(written);
    }

    void chain(int depth) {
        chains.computeIfAbsent(depth, key -> new LongAdder()).increment();
    }

    void error(String sqlState) {
        errors.computeIfAbsent(sqlState, key -> new LongAdder()).increment();
    }

    WorkloadReport report() {
        Map<String, Long> failures = sums(errors);
        return new WorkloadReport(
                total(Event.TRANSACTION),
                sums(rows),
                failures.getOrDefault(SqlStates.DEADLOCK, 0L),
                total(Event.DEADLOCK_OF_THREE),
                total(Event.BLOCKING_EPISODE),
                total(Event.LOCK_WAIT),
                sums(chains),
                total(Event.SCHEMA_CHANGE_WAIT),
                total(Event.ADVISORY_WAIT),
                total(Event.LOGIN),
                total(Event.FAILED_LOGIN),
                total(Event.FAILED_LOGIN_BURST),
                total(Event.SESSION_OPENED),
                total(Event.SESSION_CLOSED),
                total(Event.TENANT_VIOLATION),
                total(Event.UNKNOWN_ROLE_LOGIN),
                total(Event.SUSPICIOUS_STATEMENT),
                total(Event.IDLE_IN_TRANSACTION),
                total(Event.TEMP_FILE_STATEMENT),
                total(Event.SLOW_STATEMENT),
                total(Event.RECONNECT),
                failures);
    }

    private long total(Event event) {
        return adder(event).sum();
    }

    private LongAdder adder(Event event) {
        LongAdder adder = events.get(event);
        if (adder == null) {
            throw new IllegalStateException("no counter for " + event);
        }
        return adder;
    }

    private static <K extends Comparable<K>> Map<K, Long> sums(Map<K, LongAdder> adders) {
        Map<K, Long> sums = new TreeMap<>();
        adders.forEach((key, adder) -> sums.put(key, adder.sum()));
        return sums;
    }
}
