package io.onevault.embedded.postgres;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Folders of servers, and one hook at the end of the process: it stops the servers that still run
 * and then deletes what is temporary, in this order, because a server is stopped by its binaries.
 */
final class Folders {

    private static final Set<PostgresServer> RUNNING = ConcurrentHashMap.newKeySet();
    private static final Set<Path> TEMPORARY = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Folders::end, "postgres-closer"));
    }

    private Folders() {}

    static void running(PostgresServer server) {
        RUNNING.add(server);
    }

    static void stopped(PostgresServer server) {
        RUNNING.remove(server);
    }

    static void deleteAtExit(Path folder) {
        TEMPORARY.add(folder);
    }

    private static void end() {
        for (PostgresServer server : List.copyOf(RUNNING)) {
            try {
                server.stop();
            } catch (RuntimeException e) {
                // The others are still to be stopped.
                System.err.println("PostgreSQL on port " + server.port() + " did not stop: " + e);
            }
        }
        List<Path> left = TEMPORARY.stream().filter(Files::exists).toList();
        if (left.isEmpty()) {
            return;
        }
        try {
            // A process is given little time to end, and many files are slow to delete.
            List<String> command = new ArrayList<>(List.of("rm", "-rf", "--"));
            left.forEach(folder -> command.add(folder.toString()));
            new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            System.err.println("cannot delete " + left + ": " + e);
        }
    }

    /** Copies a folder with the permissions of its files, which a server insists on. */
    static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(
                from,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) throws IOException {
                        return copied(folder);
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        return copied(file);
                    }

                    private FileVisitResult copied(Path path) throws IOException {
                        Files.copy(
                                path,
                                to.resolve(from.relativize(path)),
                                StandardCopyOption.COPY_ATTRIBUTES);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    static void delete(Path root) throws IOException {
        try {
            Files.walkFileTree(
                    root,
                    new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                                throws IOException {
                            Files.deleteIfExists(file);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult postVisitDirectory(
                                Path folder, @Nullable IOException failure) throws IOException {
                            Files.deleteIfExists(folder);
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (NoSuchFileException e) {
            if (Files.exists(root)) {
                throw e;
            }
        }
        TEMPORARY.remove(root);
    }
}
