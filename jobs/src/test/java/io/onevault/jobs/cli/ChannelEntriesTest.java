package io.onevault.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.ChannelOptions.Security;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.alerts.lifecycle.Severity;
import io.onevault.jobs.alerts.routing.AlertRouting;
import io.onevault.sql.NotificationChannel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChannelEntriesTest {

    private static final String MARK = "S3cretZq9";
    private static final Secret SECRET = Secret.of(MARK + "-0123456789abcdef0123");

    @Test
    void whereMessagesGoIsToldAndNoSecretIs() {
        List<ChannelOptions> channels =
                List.of(
                        new ChannelOptions.Email(
                                Common.of("mail"),
                                "mail.example",
                                587,
                                Security.STARTTLS,
                                "ours",
                                SECRET,
                                "us@ours.example",
                                List.of("a@example.org"),
                                null),
                        new ChannelOptions.Slack(
                                Common.of("chat"),
                                Secret.of("https://hooks.example/services/" + MARK)),
                        new ChannelOptions.PagerDuty(
                                Common.of("pager"), SECRET, ChannelOptions.PagerDuty.URL),
                        new ChannelOptions.Sms(
                                Common.of("phone"),
                                "AC1",
                                SECRET,
                                "+4915112345",
                                "+491701234567",
                                3,
                                ChannelOptions.Sms.URL),
                        new ChannelOptions.Webhook(
                                Common.of("hook"),
                                Secret.of("https://tickets.example/in?token=" + MARK),
                                SECRET,
                                null));
        AlertRouting routing =
                new AlertRouting(
                        channels,
                        List.of("mail"),
                        Map.of("pager", Severity.CRITICAL),
                        AlertRouting.DEFAULT_WAIT,
                        AlertRouting.DEFAULT_INTERVAL,
                        "");

        List<NotificationChannel> entries = ChannelEntries.of(routing);

        assertThat(entries)
                .extracting(NotificationChannel::type)
                .containsExactly("EMAIL", "SLACK", "PAGERDUTY", "SMS", "WEBHOOK");
        assertThat(entries.toString()).doesNotContain(MARK);
        assertThat(entries.get(0).configuration())
                .contains(
                        "\"to\":[\"a@example.org\"]", "\"secrets_in_configuration\":[\"password\"]")
                .contains("\"by_default\":true", "\"severity\":\"WARNING\"");
        assertThat(entries.get(1).configuration()).contains("\"host\":\"hooks.example\"");
        assertThat(entries.get(2).configuration()).contains("\"severity\":\"CRITICAL\"");
        assertThat(entries.get(3).configuration()).contains("+491701234567");
        assertThat(entries.get(4).configuration())
                .contains("\"host\":\"tickets.example\"", "[\"url\",\"secret\"]");
    }
}
