package io.onevault.jobs.capacity.forecast;

/**
 * One way to go on with a server's connections.
 *
 * @param name {@code as it is}, or what is changed
 * @param connections server connections it may use
 * @param users users it holds
 * @param enough whether these are as many as are expected
 * @param words what to change, with the figures
 */
public record ScalingOption(
        String name, int connections, int users, boolean enough, String words) {}
