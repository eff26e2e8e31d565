package io.onevault.connectors.model;

import org.jspecify.annotations.Nullable;

/**
 * What reading a server's log brought: an event, a gap, or neither, which says that everything up
 * to this time was read.
 *
 * @param target the configured name of the watched server
 * @param timestamp server's clock, estimated while it is away; milliseconds since the epoch
 * @param event what was logged, or null
 * @param gap what could not be read, or null; without length it says why reading stands still, and
 *     what was logged meanwhile is read later
 */
public record LogObservation(
        String target, long timestamp, @Nullable LogEvent event, @Nullable CollectionGap gap) {}
