package io.onevault.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.alerts.routing.AlertRouting;
import io.onevault.sql.NotificationChannel;
import java.net.URI;
import java.util.List;

/**
 * Configured channels as the vault may show them. Of an address that is a secret only the host is
 * told; a secret itself stands as the key of the configuration that holds it.
 */
final class ChannelEntries {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ChannelEntries() {}

    static List<NotificationChannel> of(AlertRouting routing) {
        return routing.channels().stream().map(channel -> entry(channel, routing)).toList();
    }

    private static NotificationChannel entry(ChannelOptions channel, AlertRouting routing) {
        ObjectNode entry = JSON.createObjectNode();
        ArrayNode secrets = JSON.createArrayNode();
        if (channel instanceof ChannelOptions.Email email) {
            entry.put("host", email.host()).put("port", email.port());
            entry.put("security", email.security().word()).put("from", email.from());
            email.to().forEach(entry.putArray("to")::add);
            if (!email.password().isEmpty()) {
                entry.put("user", email.user());
                secrets.add("password");
            }
        } else if (channel instanceof ChannelOptions.Slack slack) {
            entry.put("host", host(slack.url()));
            secrets.add("url");
        } else if (channel instanceof ChannelOptions.PagerDuty pager) {
            entry.put("url", pager.url());
            secrets.add("routing_key");
        } else if (channel instanceof ChannelOptions.Sms sms) {
            entry.put("url", sms.url()).put("account_sid", sms.accountSid());
            entry.put("from", sms.from()).put("to", sms.to());
            secrets.add("auth_token");
        } else if (channel instanceof ChannelOptions.Webhook hook) {
            entry.put("host", host(hook.url()));
            secrets.add("url").add("secret");
        }
        entry.set("secrets_in_configuration", secrets);
        entry.put("severity", routing.leastSeverity(channel.name()).name());
        entry.put("by_default", routing.defaults().contains(channel.name()));
        DeliveryPolicy policy = channel.policy();
        entry.put("timeout", channel.timeout().toString());
        entry.put("max_attempts", policy.maxAttempts()).put("max_age", policy.maxAge().toString());
        return new NotificationChannel(
                channel.name(), channel.type(), entry.toString(), policy.ratePerMinute());
    }

    /** What was read as a channel has an address that can be read. */
    private static String host(Secret address) {
        return URI.create(address.reveal()).getHost();
    }
}
