package io.onevault.connectors.target;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** Reads statements from the resources beside a class. */
public final class SqlResource {

    private SqlResource() {}

    /** The statement of {@code name.sql}, without its comments. */
    public static String read(Class<?> beside, String name) {
        try (InputStream file = beside.getResourceAsStream(name + ".sql")) {
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
