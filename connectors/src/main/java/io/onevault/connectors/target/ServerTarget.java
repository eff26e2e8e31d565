package io.onevault.connectors.target;

import io.onevault.connectors.secret.Secret;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A PostgreSQL server to be watched.
 *
 * @param name identifies it in every record; letters, digits, dot, underscore and hyphen
 * @param url JDBC URL without user or password
 * @param user the login role; {@code pg_monitor} suffices unless a source says otherwise
 * @param password never shown
 */
public record ServerTarget(String name, String url, String user, Secret password)
        implements Serializable {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

    /**
     * Checks what can be checked without connecting.
     *
     * @throws IllegalArgumentException one sentence with the remedy
     */
    public ServerTarget {
        requireName(name);
        requireUrl(name, url);
    }

    /** Fails with one sentence when {@code name} cannot name a target. */
    public static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "target name \"%s\": use letters, digits, dot, underscore and hyphen only"
                            .formatted(name));
        }
    }

    /**
     * The targets of a source.
     *
     * @param source what they are for, to begin a message with
     * @throws IllegalArgumentException when there is none, or two share a name
     */
    public static List<ServerTarget> requireDistinct(String source, List<ServerTarget> targets) {
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("%s needs at least one target".formatted(source));
        }
        Set<String> names = new HashSet<>();
        for (ServerTarget target : targets) {
            if (!names.add(target.name())) {
                throw new IllegalArgumentException(
                        "two targets are named %s; rename one".formatted(target.name()));
            }
        }
        return List.copyOf(targets);
    }

    /** The target of that name; there is one. */
    public static ServerTarget named(String name, List<ServerTarget> targets) {
        return targets.stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no target " + name));
    }

    /** Fails with one sentence when {@code url} is no address or tells a password. */
    public static void requireUrl(String name, String url) {
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException(
                    "target %s: the url must start with jdbc:postgresql:".formatted(name));
        }
        requireNoPassword(name, url);
    }

    /** Fails with one sentence when {@code url} tells a password. */
    public static void requireNoPassword(String name, String url) {
        if (url.toLowerCase(Locale.ROOT).contains("password=")) {
            throw new IllegalArgumentException(
                    "target %s: take the password out of the url and set it as password"
                            .formatted(name));
        }
    }
}
