package io.onevault.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.config.OneVaultConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializer;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job as savepoints know it. Who removes or renames a uid of {@code operator-uids.txt} takes
 * its state from running deployments.
 */
class OneVaultJobTopologyTest {

    private static final Pattern KEBAB_CASE = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    @TempDir Path folder;

    private StreamGraph graph;

    @BeforeEach
    void compose() throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("onevault.yaml"),
                        """
                        vault: {url: "jdbc:postgresql://127.0.0.1:1/vault", user: jobs}
                        targets:
                          - name: one
                            url: jdbc:postgresql://127.0.0.1:1/db
                            user: collector
                            changes: {tables: [business.customer_h]}
                        """);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, OneVaultConfig.read(file));
        graph = env.getStreamGraph();
    }

    @Test
    void everyOperatorHasTheUidThatSavepointsHold() throws Exception {
        List<String> uids =
                graph.getStreamNodes().stream().map(StreamNode::getTransformationUID).toList();

        assertThat(uids).doesNotContainNull().doesNotHaveDuplicates();
        assertThat(uids.stream().sorted().toList()).isEqualTo(golden());
    }

    @Test
    void namesAreKebabCase() {
        assertThat(graph.getStreamNodes())
                .allSatisfy(
                        node -> assertThat(plainName(node.getOperatorName())).matches(KEBAB_CASE));
    }

    @Test
    void uidsAndTypesAreNeverChosenByFlink() {
        assertThat(graph.getJobConfiguration().get(PipelineOptions.AUTO_GENERATE_UIDS)).isFalse();
        assertThat(graph.getJobConfiguration().get(PipelineOptions.GENERIC_TYPES)).isFalse();
    }

    @Test
    void noStreamIsWrittenByKryo() {
        for (StreamNode node : graph.getStreamNodes()) {
            for (TypeSerializer<?> in : node.getTypeSerializersIn()) {
                assertThat(in).isNotInstanceOf(KryoSerializer.class);
            }
            assertThat(node.getTypeSerializerOut()).isNotInstanceOf(KryoSerializer.class);
        }
    }

    /** Without what Flink adds to the names of sources and sinks. */
    private static String plainName(String name) {
        return name.replaceFirst("^Source: ", "").replaceFirst(": Writer$", "");
    }

    private static List<String> golden() throws IOException {
        try (InputStream list =
                OneVaultJobTopologyTest.class.getResourceAsStream("operator-uids.txt")) {
            return new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        }
    }
}
