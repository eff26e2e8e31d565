package io.onevault.benchmarks.overhead;

/**
 * Processor time, in nanoseconds.
 *
 * @param clock the time that passed meanwhile
 * @param collector of the collector's sessions on the watched server
 * @param clients of pgbench's sessions there
 * @param vault of the job's sessions in the vault
 * @param job of the process with Flink and the job
 */
record Usage(long clock, long collector, long clients, long vault, long job) {

    static final Usage NONE = new Usage(0, 0, 0, 0, 0);

    Usage plus(Usage other) {
        return new Usage(
                clock + other.clock,
                collector + other.collector,
                clients + other.clients,
                vault + other.vault,
                job + other.job);
    }

    Usage since(Usage before) {
        return new Usage(
                clock - before.clock,
                collector - before.collector,
                clients - before.clients,
                vault - before.vault,
                job - before.job);
    }
}
