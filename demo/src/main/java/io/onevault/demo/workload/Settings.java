package io.onevault.demo.workload;

/**
 * How a workload runs.
 *
 * @param jdbcUrl of the watched database, without user and password
 * @param seed decides everything that happens
 * @param rate ordinary transactions per second, all clients together
 * @param clients sessions of ordinary clients
 * @param deadlocksPerMinute real deadlocks; zero needs no sessions for them
 * @param blockingPerMinute arranged blocking episodes; zero needs no sessions for them
 */
record Settings(
        String jdbcUrl,
        long seed,
        double rate,
        int clients,
        double deadlocksPerMinute,
        double blockingPerMinute) {}
