package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.secret.Secret;
import java.util.Set;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class PollTargetTest {

    private static final String URL = "jdbc:postgresql://db/shop";

    @Test
    void neverShowsThePassword() throws Exception {
        PollTarget target = PollTarget.postgres("t", URL, "u", Secret.of("hunter2")).build();
        assertThat(target.toString()).doesNotContain("hunter2");
        assertThat(InstantiationUtil.clone(target).password().reveal()).isEqualTo("hunter2");
    }

    @Test
    void refusesWhatCannotWorkWithASentence() {
        assertThatThrownBy(() -> PollTarget.postgres("a/b", URL, "u", Secret.NONE).build())
                .hasMessageContaining("target name \"a/b\"");
        assertThatThrownBy(() -> PollTarget.postgres("t", "db:5432", "u", Secret.NONE).build())
                .hasMessageContaining("must start with jdbc:postgresql:");
        assertThatThrownBy(
                        () ->
                                PollTarget.postgres("t", URL + "?password=x", "u", Secret.NONE)
                                        .build())
                .hasMessageContaining("take the password out of the url");
        assertThatThrownBy(
                        () ->
                                PollTarget.postgres("t", URL, "u", Secret.NONE)
                                        .excludePolls(Set.of("target"))
                                        .build())
                .hasMessageContaining("cannot be excluded");
        assertThatThrownBy(() -> PollTarget.postgres("t", URL, "u", Secret.NONE).topN(0).build())
                .hasMessageContaining("at least 1");
    }

    @Test
    void theSourceNamesMistakesAcrossTargets() {
        PollTarget target = PollTarget.postgres("t", URL, "u", Secret.NONE).build();
        assertThatThrownBy(() -> PollingSource.builder().build())
                .hasMessageContaining("at least one target");
        assertThatThrownBy(() -> PollingSource.builder().target(target).target(target).build())
                .hasMessageContaining("two targets are named t");
        assertThatThrownBy(
                        () ->
                                PollingSource.builder()
                                        .target(target)
                                        .interval("nope", java.time.Duration.ofSeconds(1))
                                        .build())
                .hasMessageContaining("there is no poll nope; there are [activity");
    }
}
