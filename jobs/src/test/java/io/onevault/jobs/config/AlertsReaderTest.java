package io.onevault.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.lifecycle.Severity;
import io.onevault.jobs.alerts.routing.AlertRouting;
import io.onevault.sql.RuleProfile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlertsReaderTest {

    private static final String CHANNELS =
            """
            channels:
              - {name: chat, type: slack, url: "https://hooks.example/x"}
              - {name: pager, type: pagerduty, routing_key: key, severity: critical}
            """;

    private final ProblemList problems = new ProblemList("onevault.yaml");

    @Test
    void withoutChannelsNobodyIsTold() {
        assertThat(read("zone: UTC\n"))
                .isEqualTo(
                        new OneVaultConfig.Alerts(
                                LifecycleSettings.DEFAULT,
                                AlertRouting.NONE,
                                RuleProfile.PRODUCTION));
        assertThat(problems.inOrder()).isEmpty();
    }

    @Test
    void rulesAreForProductionUnlessSaidOtherwise() {
        assertThat(read("zone: UTC\n").profile()).isEqualTo(RuleProfile.PRODUCTION);
        assertThat(read("profile: development\n").profile()).isEqualTo(RuleProfile.DEVELOPMENT);
        assertThat(problems.inOrder()).isEmpty();
        assertThat(read("profile: staging\n").profile()).isEqualTo(RuleProfile.PRODUCTION);
        assertThat(problems.inOrder()).hasSize(1);
    }

    @Test
    void allChannelsAreToldWhatNoRuleSendsElsewhere() {
        AlertRouting routing = read(CHANNELS).routing();
        assertThat(problems.inOrder()).isEmpty();
        assertThat(routing.channels())
                .extracting(ChannelOptions::name)
                .containsExactly("chat", "pager");
        assertThat(routing.defaults()).containsExactly("chat", "pager");
        assertThat(routing.leastSeverity()).isEqualTo(Map.of("pager", Severity.CRITICAL));
        assertThat(routing.groupWait()).isEqualTo(Duration.ofMillis(500));
        assertThat(routing.groupInterval()).isEqualTo(Duration.ofMinutes(1));
        assertThat(routing.link()).isEmpty();
    }

    @Test
    void eachCanBeSet() {
        AlertRouting routing =
                read(CHANNELS
                                + """
                                default: [chat]
                                group_wait: 0s
                                group_interval: 5m
                                link: https://dash.example/{alert_id}
                                """)
                        .routing();
        assertThat(problems.inOrder()).isEmpty();
        assertThat(routing.defaults()).containsExactly("chat");
        assertThat(routing.groupWait()).isZero();
        assertThat(routing.groupInterval()).isEqualTo(Duration.ofMinutes(5));
        assertThat(routing.link()).isEqualTo("https://dash.example/{alert_id}");
    }

    @Test
    void mistakesAreNamed() {
        read(
                CHANNELS
                        + """
                        default: [chat, chta, chat]
                        group_interval: 0s
                        link: dash.example
                        """);
        assertThat(problems.inOrder())
                .extracting(ConfigProblem::key)
                .containsExactly(
                        "alerts.default[1]",
                        "alerts.default[2]",
                        "alerts.group_interval",
                        "alerts.link");
    }

    private OneVaultConfig.Alerts read(String yaml) {
        YamlNode.Mapping root = YamlDocument.parse(yaml, problems);
        assertThat(root).isNotNull();
        Section alerts =
                new Section(
                        "alerts",
                        root,
                        new Interpolation(name -> null, Path.of("").toAbsolutePath()),
                        problems);
        return AlertsReader.read(alerts);
    }
}
