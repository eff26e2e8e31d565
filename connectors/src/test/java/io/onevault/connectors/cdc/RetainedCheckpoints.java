package io.onevault.connectors.cdc;

import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.cdc.split.CdcSplitSerializer;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.io.SimpleVersionedSerialization;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.state.OperatorStateHandle;

/** What the checkpoints in a folder hold of the change source, as a restored job would read it. */
final class RetainedCheckpoints {

    private static final String STATE = "SourceReaderState";

    private RetainedCheckpoints() {}

    /** The checkpoints' folders, oldest first. */
    static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("_metadata"))
                    .map(Path::getParent)
                    .sorted(
                            Comparator.comparing(
                                    path ->
                                            Long.parseLong(
                                                    path.getFileName()
                                                            .toString()
                                                            .substring("chk-".length()))))
                    .toList();
        }
    }

    /** The streams in a checkpoint. */
    static List<CdcSplit> splits(Path checkpoint) throws IOException {
        CheckpointMetadata metadata;
        try (DataInputStream in =
                new DataInputStream(Files.newInputStream(checkpoint.resolve("_metadata")))) {
            metadata =
                    Checkpoints.loadCheckpointMetadata(
                            in, RetainedCheckpoints.class.getClassLoader(), checkpoint.toString());
        }
        List<CdcSplit> splits = new ArrayList<>();
        for (OperatorState operator : metadata.getOperatorStates()) {
            for (OperatorSubtaskState subtask : operator.getStates()) {
                for (OperatorStateHandle handle : subtask.getManagedOperatorState()) {
                    OperatorStateHandle.StateMetaInfo info =
                            handle.getStateNameToPartitionOffsets().get(STATE);
                    if (info != null) {
                        read(handle, info, splits);
                    }
                }
            }
        }
        return splits;
    }

    private static void read(
            OperatorStateHandle handle,
            OperatorStateHandle.StateMetaInfo info,
            List<CdcSplit> splits)
            throws IOException {
        try (FSDataInputStream in = handle.openInputStream()) {
            for (long offset : info.getOffsets()) {
                in.seek(offset);
                byte[] bytes =
                        BytePrimitiveArraySerializer.INSTANCE.deserialize(
                                new DataInputViewStreamWrapper(in));
                splits.add(
                        SimpleVersionedSerialization.readVersionAndDeSerialize(
                                new CdcSplitSerializer(), bytes));
            }
        }
    }
}
