package io.onevault.connectors.locks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** The statements of this package, from its resources and without their comments. */
final class LockQueries {

    static final String SNAPSHOT = read("snapshot");
    static final String RELATION_NAMES = read("relation_names");
    static final String PROBE = read("probe");
    static final String PROBE_UNPRIVILEGED = read("probe_unprivileged");

    static final String SAMPLER_PROBE = read("sampler_probe");
    static final String SAMPLER_PROBE_UNPRIVILEGED = read("sampler_probe_unprivileged");
    static final String SAMPLER_DANGER = read("sampler_danger");

    private LockQueries() {}

    private static String read(String name) {
        try (InputStream file = LockQueries.class.getResourceAsStream(name + ".sql")) {
            if (file == null) {
                throw new IllegalStateException("the jar lacks " + name + ".sql");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("--"))
                    .collect(Collectors.joining("\n"))
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
