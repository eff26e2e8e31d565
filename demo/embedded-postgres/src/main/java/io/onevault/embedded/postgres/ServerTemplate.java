package io.onevault.embedded.postgres;

import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What all temporary servers of one version begin with: unpacked binaries, and the data directory
 * that {@code initdb} makes. Made once in a process; unpacking and {@code initdb} take seconds, a
 * copy takes tenths of one.
 *
 * @param folder with {@code bin} and {@code data}, as the folder of any stopped server
 * @param resolver one object for all, by which the library knows that the binaries are unpacked
 */
record ServerTemplate(Path folder, PgBinaryResolver resolver) {

    private static final Map<Integer, ServerTemplate> MADE = new HashMap<>();

    /** The template of a version, which is made when it is asked for the first time. */
    static synchronized ServerTemplate of(int majorVersion) throws IOException {
        ServerTemplate template = MADE.get(majorVersion);
        if (template == null) {
            Path folder = Files.createTempDirectory("onevault-postgres-" + majorVersion + "-");
            Folders.deleteAtExit(folder);
            PostgresServer.builder(majorVersion).directory(folder).start().close();
            template =
                    new ServerTemplate(
                            folder, (system, hardware) -> PostgresServer.binaries(majorVersion));
            MADE.put(majorVersion, template);
        }
        return template;
    }

    Path binaries() {
        return folder.resolve("bin");
    }

    Path data() {
        return folder.resolve("data");
    }
}
