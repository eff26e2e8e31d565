package io.onevault.connectors.model;

import java.util.List;

/**
 * What the server says of a deadlock it ended.
 *
 * @param processes in the server's order: each waits for the one that follows it, the last for the
 *     first. The first is the victim. Empty when the report has an unknown shape.
 * @param victim the process whose statement was ended
 * @param text the report as it came when its shape is unknown, without literals; otherwise empty
 */
public record DeadlockReport(List<DeadlockProcess> processes, int victim, String text) {}
