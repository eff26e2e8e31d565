package io.onevault.jobs.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.ChannelOptions.Security;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.alerts.lifecycle.Severity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChannelsReaderTest {

    private static final String SECRET = "s3cr3t-Zq9-0123456789";

    @TempDir private Path folder;
    private final ProblemList problems = new ProblemList("onevault.yaml");
    private final Map<String, Severity> severities = new HashMap<>();

    @Test
    void anythingNotSaidHasItsDefault() {
        List<ChannelOptions> channels =
                read(
                        """
                        channels:
                          - {name: ops, type: email, host: mail.example, from: us@ours.example, to: [a@ours.example]}
                          - {name: chat, type: slack, url: "https://hooks.example/${TOKEN}"}
                          - {name: pager, type: pagerduty, routing_key: "${TOKEN}"}
                          - {name: phone, type: sms, account_sid: AC1, auth_token: "${TOKEN}", from: MG1, to: "+491701234567"}
                          - {name: hook, type: webhook, url: "http://tickets.example/in", secret: "${TOKEN}"}
                        """);

        assertThat(problems.inOrder()).isEmpty();
        assertThat(channels)
                .containsExactly(
                        new ChannelOptions.Email(
                                Common.of("ops"),
                                "mail.example",
                                587,
                                Security.STARTTLS,
                                "",
                                Secret.NONE,
                                "us@ours.example",
                                List.of("a@ours.example"),
                                null),
                        new ChannelOptions.Slack(
                                Common.of("chat"), Secret.of("https://hooks.example/" + SECRET)),
                        new ChannelOptions.PagerDuty(
                                Common.of("pager"),
                                Secret.of(SECRET),
                                "https://events.pagerduty.com/v2/enqueue"),
                        new ChannelOptions.Sms(
                                Common.of("phone"),
                                "AC1",
                                Secret.of(SECRET),
                                "MG1",
                                "+491701234567",
                                3,
                                "https://api.twilio.com"),
                        new ChannelOptions.Webhook(
                                Common.of("hook"),
                                Secret.of("http://tickets.example/in"),
                                Secret.of(SECRET),
                                null));
        assertThat(channels.toString()).doesNotContain("s3cr3t");
    }

    @Test
    void everythingCanBeSaid() throws Exception {
        Files.writeString(folder.resolve("mail"), SECRET + "\n");
        List<ChannelOptions> channels =
                read(
                        """
                        channels:
                          - name: ops
                            type: email
                            host: 10.0.0.7
                            port: 2465
                            security: tls
                            user: ours
                            password: "${file:mail}"
                            from: us@ours.example
                            to: [a@ours.example, b@ours.example]
                            ca_file: /etc/onevault/ca.pem
                            timeout: 5s
                            max_attempts: 7
                            max_age: 30m
                            backoff_base: 2s
                            backoff_cap: 1m
                            circuit_failures: 3
                            circuit_pause: 20s
                            rate_per_minute: 12
                        """);

        assertThat(problems.inOrder()).isEmpty();
        ChannelOptions.Email email = (ChannelOptions.Email) channels.get(0);
        assertThat(email)
                .isEqualTo(
                        new ChannelOptions.Email(
                                new Common(
                                        "ops",
                                        Duration.ofSeconds(5),
                                        new DeliveryPolicy(
                                                7,
                                                Duration.ofMinutes(30),
                                                Duration.ofSeconds(2),
                                                Duration.ofMinutes(1),
                                                3,
                                                Duration.ofSeconds(20),
                                                12)),
                                "10.0.0.7",
                                2465,
                                Security.TLS,
                                "ours",
                                Secret.of(SECRET),
                                "us@ours.example",
                                List.of("a@ours.example", "b@ours.example"),
                                "/etc/onevault/ca.pem"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(email);
        }
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).isEqualTo(email);
        }
    }

    @Test
    void noChannelsIsNoMistake() {
        assertThat(read("channels: []")).isEmpty();
        assertThat(read("other: 1")).isEmpty();
        assertThat(problems.inOrder()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{type: slack, url: 'https://x.example/'}; name is missing",
                "{name: a}; type is missing",
                "{name: a, type: fax}; type \"fax\" is not known here",
                "{name: a, type: slack}; url is missing",
                "{name: a, type: slack, url: ' '}; url is blank",
                "{name: a, type: slack, url: 'http://x.example/s3cr3t'}; url would send",
                "{name: a, type: slack, url: 's3cr3t'}; url is not",
                "{name: a, type: slack, url: 'https://x.example/', uri: s3cr3t}; uri is not a"
                        + " known",
                "{name: 'a b', type: slack, url: 'https://x.example/'}; name is not",
                "{name: a, type: pagerduty}; routing_key is missing",
                "{name: a, type: pagerduty, routing_key: 's3cr3t x'}; routing_key is not",
                "{name: a, type: webhook, url: 'https://x.example/', secret: s3cr3t}; secret is"
                        + " too",
                "{name: a, type: webhook, url: 'https://u:s3cr3t@x.example/', secret:"
                        + " 0123456789abcdef}; url is not",
                "{name: a, type: sms, account_sid: AC1, auth_token: t, from: x, to: 0170}; to is"
                        + " not",
                "{name: a, type: sms, account_sid: AC1, auth_token: t, from: x, to: '+49170123',"
                        + " max_segments: 11}; max_segments",
                "{name: a, type: email, host: h, from: us, to: [a@b.example]}; from is not",
                "{name: a, type: email, host: h, from: us@b.example, to: []}; to names",
                "{name: a, type: email, host: h, from: us@b.example}; to is missing",
                "{name: a, type: email, host: h, from: us@b.example, to: ['x@y.example,"
                        + " z@y.example']}; to is not",
                "{name: a, type: email, host: h, from: us@b.example, to: [a@b.example], password:"
                        + " s3cr3t}; password belongs",
                "{name: a, type: email, host: h, security: none, user: u, password: s3cr3t, from:"
                        + " us@b.example, to: [a@b.example]}; security would send",
                "{name: a, type: slack, url: 'https://x.example/', backoff_base: 1m, backoff_cap:"
                        + " 1s}; backoff_cap is shorter",
                "{name: a, type: slack, url: 'https://x.example/', timeout: 1h}; timeout \"1h\" is"
                        + " out"
            })
    void aMistakeIsToldWithItsKeyAndWithoutSecrets(String entry, String said) {
        read("channels:\n  - " + entry + "\n");

        assertThat(problems.inOrder()).hasSize(1);
        String sentence = problems.inOrder().get(0).sentence();
        assertThat(sentence)
                .startsWith("onevault.yaml:2: alerts.channels[0]." + said)
                .doesNotContain("s3cr3t");
    }

    @Test
    void namesAreUnique() {
        List<ChannelOptions> channels =
                read(
                        """
                        channels:
                          - {name: a, type: slack, url: "https://x.example/"}
                          - {name: a, type: pagerduty, routing_key: k}
                        """);

        assertThat(channels).hasSize(1);
        assertThat(problems.inOrder()).hasSize(1);
        assertThat(problems.inOrder().get(0).sentence())
                .startsWith("onevault.yaml:3: alerts.channels[1].name is the name of another");
    }

    @Test
    void aChannelMayTakeOnlyWhatIsCritical() {
        read(
                """
                channels:
                  - {name: a, type: slack, url: "https://x.example/", severity: critical}
                  - {name: b, type: slack, url: "https://x.example/"}
                """);

        assertThat(problems.inOrder()).isEmpty();
        assertThat(severities).containsExactly(Map.entry("a", Severity.CRITICAL));
    }

    private List<ChannelOptions> read(String yaml) {
        YamlNode.Mapping root = YamlDocument.parse(yaml, problems);
        assertThat(root).isNotNull();
        Map<String, String> environment = Map.of("TOKEN", SECRET);
        Section alerts =
                new Section("alerts", root, new Interpolation(environment::get, folder), problems);
        return ChannelsReader.read(alerts, severities);
    }
}
