package io.onevault.connectors.model;

import java.util.Map;

/**
 * A description of something in a server that changes rarely, such as a setting or an index.
 *
 * @param target the configured name of the watched server
 * @param kind what is described, e.g. {@code setting}, {@code index}
 * @param key identifies it within target and kind
 * @param attributes names and values; an absent attribute is unknown, never null
 * @param timestamp the watched server's clock, milliseconds since the epoch
 */
public record Fact(
        String target, String kind, String key, Map<String, String> attributes, long timestamp) {}
