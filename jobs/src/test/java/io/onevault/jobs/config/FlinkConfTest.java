package io.onevault.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.junit.jupiter.api.Test;

/** Flink reads the configurations that come with the product as they are meant. */
class FlinkConfTest {

    private static final Path FOLDER = Path.of("..", "flink-conf");

    private static final List<ConfigOption<?>> SHARED =
            List.of(
                    PipelineOptions.AUTO_GENERATE_UIDS,
                    PipelineOptions.GENERIC_TYPES,
                    PipelineOptions.OBJECT_REUSE,
                    CheckpointingOptions.CHECKPOINTING_INTERVAL,
                    CheckpointingOptions.CHECKPOINTING_TIMEOUT,
                    CheckpointingOptions.TOLERABLE_FAILURE_NUMBER,
                    CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                    CheckpointingOptions.MAX_RETAINED_CHECKPOINTS,
                    CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                    CheckpointingOptions.SAVEPOINT_DIRECTORY,
                    CheckpointingOptions.INCREMENTAL_CHECKPOINTS,
                    StateBackendOptions.STATE_BACKEND,
                    RestartStrategyOptions.RESTART_STRATEGY,
                    RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
                    RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
                    RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS);

    @Test
    void theStandaloneConfigurationIsAsMeant() {
        Configuration flink = standalone();
        assertThat(flink.get(PipelineOptions.AUTO_GENERATE_UIDS)).isFalse();
        assertThat(flink.get(PipelineOptions.GENERIC_TYPES)).isFalse();
        assertThat(flink.get(CheckpointingOptions.CHECKPOINTING_INTERVAL))
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(flink.get(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION))
                .isEqualTo(ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        assertThat(flink.get(RestartStrategyOptions.RESTART_STRATEGY))
                .isEqualTo("exponential-delay");
        assertThat(flink.get(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS))
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(flink.get(CoreOptions.FLINK_JVM_OPTIONS).split(" "))
                .contains("--add-opens=java.base/java.util=ALL-UNNAMED")
                .contains("--add-opens=java.base/java.time=ALL-UNNAMED");
    }

    @Test
    void kubernetesSaysTheSameAsTheStandaloneConfiguration() throws Exception {
        Configuration standalone = standalone();
        Configuration operator = Configuration.fromMap(operatorConfiguration());
        assertThat(SHARED)
                .allSatisfy(
                        option ->
                                assertThat(operator.get(option))
                                        .as(option.key())
                                        .isEqualTo(standalone.get(option)));
    }

    private static Configuration standalone() {
        return GlobalConfiguration.loadConfiguration(FOLDER.toString());
    }

    private static Map<String, String> operatorConfiguration() throws Exception {
        YAMLMapper yaml = new YAMLMapper();
        try (MappingIterator<JsonNode> documents =
                yaml.readerFor(JsonNode.class)
                        .readValues(FOLDER.resolve("kubernetes/onevault.yaml").toFile())) {
            Map<String, String> found = new HashMap<>();
            documents
                    .readAll()
                    .forEach(
                            document ->
                                    document.path("spec")
                                            .path("flinkConfiguration")
                                            .properties()
                                            .forEach(
                                                    entry ->
                                                            found.put(
                                                                    entry.getKey(),
                                                                    entry.getValue().asText())));
            return found;
        }
    }
}
