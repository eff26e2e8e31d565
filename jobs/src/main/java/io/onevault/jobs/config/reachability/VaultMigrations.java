package io.onevault.jobs.config.reachability;

import io.onevault.sql.VaultDeployer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** Versions of the migrations that this release deploys, as Flyway writes them. */
final class VaultMigrations {

    private static final String FIRST = "migration/V001__util.sql";
    private static final Pattern MIGRATION =
            Pattern.compile("(?:.*/)?V(\\d+(?:_\\d+)*)__[^/]*\\.sql");

    private VaultMigrations() {}

    static Set<String> versions() {
        URL first = VaultDeployer.class.getResource(FIRST);
        if (first == null) {
            throw new IllegalStateException("the migrations are not on the class path");
        }
        try {
            URLConnection connection = first.openConnection();
            if (connection instanceof JarURLConnection jar) {
                // Not the cached file: another reader of the class path may close that one.
                jar.setUseCaches(false);
                String folder = jar.getEntryName().replaceFirst("[^/]*$", "");
                try (JarFile file = jar.getJarFile()) {
                    return versions(
                            file.stream()
                                    .map(ZipEntry::getName)
                                    .filter(name -> name.startsWith(folder)));
                }
            }
            try (Stream<Path> files = Files.list(Path.of(first.toURI()).resolveSibling(""))) {
                return versions(files.map(Path::toString));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the migrations", e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the class path holds a malformed address", e);
        }
    }

    private static Set<String> versions(Stream<String> names) {
        return names.map(MIGRATION::matcher)
                .filter(Matcher::matches)
                .map(found -> found.group(1).replace('_', '.'))
                .collect(Collectors.toSet());
    }
}
