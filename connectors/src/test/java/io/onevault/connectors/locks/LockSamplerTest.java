package io.onevault.connectors.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.ServerTarget;
import java.time.Duration;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class LockSamplerTest {

    private static final ServerTarget TARGET =
            new ServerTarget("prod", "jdbc:postgresql://db/shop", "collector", Secret.of("geheim"));

    @Test
    void travelsToTheClusterAndShowsNoPassword() throws Exception {
        LockSampler sampler = LockSampler.builder().target(TARGET).build();
        assertThat(InstantiationUtil.<LockSampler>clone(sampler)).isNotNull();
        assertThat(TARGET.toString()).doesNotContain("geheim");
    }

    @Test
    void mistakesAreOneClearSentence() {
        assertThatThrownBy(() -> LockSampler.builder().build())
                .hasMessage("the lock sampler needs at least one target");
        assertThatThrownBy(() -> LockSampler.builder().target(TARGET).target(TARGET).build())
                .hasMessage("two targets are named prod; rename one");
        assertThatThrownBy(
                        () ->
                                LockSamplerOptions.builder()
                                        .probeInterval(Duration.ofMillis(10))
                                        .build())
                .hasMessage("probe interval of locks: 10 ms; choose 20 ms to 10 s");
        assertThatThrownBy(() -> LockSamplerOptions.builder().snapshotShare(0).build())
                .hasMessageContaining("choose more than 0 and at most 0.5");
        assertThatThrownBy(() -> LockSamplerOptions.builder().heartbeat(Duration.ZERO).build())
                .hasMessage("heartbeat of the lock sampler: must be positive");
        assertThatThrownBy(
                        () ->
                                new ServerTarget(
                                        "x", "jdbc:postgresql://h/d?password=p", "u", Secret.NONE))
                .hasMessageContaining("take the password out of the url")
                .hasMessageNotContaining("password=p");
    }
}
