package io.onevault.jobs.cluster;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;

/** What a savepoint on local disk says of itself. */
record Savepoint(Path folder) {

    static Savepoint at(String uri) {
        return new Savepoint(Path.of(URI.create(uri)));
    }

    /** The uids of the operators it holds state of; a missing one is given as the word null. */
    List<String> operatorUids() throws IOException {
        try (DataInputStream in =
                new DataInputStream(Files.newInputStream(folder.resolve("_metadata")))) {
            CheckpointMetadata metadata =
                    Checkpoints.loadCheckpointMetadata(
                            in, Savepoint.class.getClassLoader(), folder.toUri().toString());
            return metadata.getOperatorStates().stream()
                    .map(OperatorState::getOperatorUid)
                    .map(uid -> uid.orElse("null"))
                    .toList();
        }
    }

    /** Whether the name of a class of Flink's stands in any of its files. */
    boolean names(String className) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(className)) {
                    return true;
                }
            }
        }
        return false;
    }
}
