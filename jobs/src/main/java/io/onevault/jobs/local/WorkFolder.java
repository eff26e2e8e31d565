package io.onevault.jobs.local;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * The folder everything of one run is written below, deleted when the run ends. It stands in the
 * folder that the start script sets as {@value #PARENT_PROPERTY}, else in {@code .onevault}.
 */
public final class WorkFolder implements AutoCloseable {

    static final String PARENT_PROPERTY = "onevault.work";

    private final Path path;

    private WorkFolder(Path path) {
        this.path = path;
    }

    /** Creates an empty one whose name begins with {@code prefix}. */
    public static WorkFolder create(String prefix) throws IOException {
        Path parent = Path.of(System.getProperty(PARENT_PROPERTY, ".onevault")).toAbsolutePath();
        Files.createDirectories(parent);
        return new WorkFolder(Files.createTempDirectory(parent, prefix));
    }

    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        Files.walkFileTree(
                path,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException failure) throws IOException {
                        Files.deleteIfExists(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
