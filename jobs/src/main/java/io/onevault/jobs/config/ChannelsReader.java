package io.onevault.jobs.config;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.ChannelOptions.Security;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.notify.InvalidChannelException;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.alerts.lifecycle.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the channels that alerts go through: {@code alerts: channels:}, a list of entries with a
 * {@code type}. The keys of each type stand at {@link ChannelOptions}; every one may have a {@code
 * severity}, {@code warning} or {@code critical}, below which nothing goes there. A problem never
 * shows a value here, for most of them are secrets.
 */
final class ChannelsReader {

    private static final Duration LONGEST = Duration.ofDays(7);
    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final int MOST = 1_000_000;

    private ChannelsReader() {}

    /** What an entry is. */
    private enum Kind {
        EMAIL,
        SLACK,
        PAGERDUTY,
        SMS,
        WEBHOOK;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param alerts the group {@code alerts}, of which only {@code channels} is read
     * @param severities takes {@code severity} of the entries that have it, by their names
     * @return the entries without a mistake
     */
    static List<ChannelOptions> read(Section alerts, Map<String, Severity> severities) {
        List<Section> entries = alerts.sections("channels");
        if (entries == null) {
            return List.of();
        }
        List<ChannelOptions> channels = new ArrayList<>();
        Map<String, Integer> lines = new HashMap<>();
        for (Section entry : entries) {
            Severity severity =
                    entry.choice("severity", List.of(Severity.values()), ChannelsReader::word);
            ChannelOptions channel = entry(entry);
            if (channel == null) {
                continue;
            }
            Integer earlier = lines.putIfAbsent(channel.name(), entry.line());
            if (earlier == null) {
                channels.add(channel);
                if (severity != null) {
                    severities.put(channel.name(), severity);
                }
            } else {
                entry.problem(
                        "name",
                        "is the name of another channel, in line " + earlier,
                        "give each channel a name of its own");
            }
        }
        return List.copyOf(channels);
    }

    private static String word(Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable ChannelOptions entry(Section entry) {
        entry.require("name", "give it one; rules call it by that");
        entry.require("type", "write one of: email, slack, pagerduty, sms, webhook");
        String name = entry.text("name");
        Kind kind = entry.choice("type", List.of(Kind.values()), Kind::word);
        Duration timeout =
                entry.duration(
                        "timeout",
                        Common.DEFAULT_TIMEOUT,
                        Common.SHORTEST_TIMEOUT,
                        Common.LONGEST_TIMEOUT);
        DeliveryPolicy policy = policy(entry);
        if (kind == null) {
            // Which keys it may have is not known.
            return null;
        }
        try {
            Common common = common(entry, name, timeout, policy);
            ChannelOptions channel = channel(entry, kind, common);
            return common.name().equals(name) ? channel : null;
        } catch (InvalidChannelException e) {
            entry.problem(e.key(), e.what(), e.remedy());
            return null;
        } finally {
            entry.done();
        }
    }

    /** A nameless one when there is no usable name, so that all mistakes of an entry are told. */
    private static Common common(
            Section entry, @Nullable String name, Duration timeout, DeliveryPolicy policy) {
        try {
            return new Common(name == null ? "-" : name, timeout, policy);
        } catch (InvalidChannelException e) {
            entry.problem(e.key(), e.what(), e.remedy());
            return new Common("-", timeout, policy);
        }
    }

    private static @Nullable ChannelOptions channel(Section entry, Kind kind, Common common) {
        return switch (kind) {
            case EMAIL -> email(entry, common);
            case SLACK -> {
                Secret url = needed(entry, "url", "write the incoming webhook's address");
                yield url.isEmpty() ? null : new ChannelOptions.Slack(common, url);
            }
            case PAGERDUTY -> {
                Secret key = needed(entry, "routing_key", "write the service's integration key");
                String url = entry.text("url", ChannelOptions.PagerDuty.URL);
                yield key.isEmpty() ? null : new ChannelOptions.PagerDuty(common, key, url);
            }
            case SMS -> sms(entry, common);
            case WEBHOOK -> {
                Secret url = needed(entry, "url", "write the receiver's address");
                Secret secret = needed(entry, "secret", "write what messages are signed with");
                String caFile = entry.text("ca_file");
                yield url.isEmpty() || secret.isEmpty()
                        ? null
                        : new ChannelOptions.Webhook(common, url, secret, caFile);
            }
        };
    }

    private static @Nullable ChannelOptions email(Section entry, Common common) {
        String host = text(entry, "host", "write the mail server's name");
        Security chosen = entry.choice("security", List.of(Security.values()), Security::word);
        Security security = chosen == null ? Security.STARTTLS : chosen;
        int port = entry.number("port", ChannelOptions.Email.defaultPort(security), 1, 65_535);
        String user = entry.text("user", "");
        Secret password = entry.secret("password", Secret.NONE);
        if (user.isEmpty() && !password.isEmpty()) {
            entry.problem(
                    "password", "belongs to no user", "write the user beside it, or leave it out");
        }
        String from = text(entry, "from", "write the sender's address");
        entry.require("to", "list at least one address");
        List<String> to = new ArrayList<>();
        List<Section.Value> values = entry.values("to");
        for (Section.Value value : values == null ? List.<Section.Value>of() : values) {
            to.add(value.text().strip());
        }
        String caFile = entry.text("ca_file");
        return host.isEmpty() || from.isEmpty() || values == null
                ? null
                : new ChannelOptions.Email(
                        common, host, port, security, user, password, from, to, caFile);
    }

    private static @Nullable ChannelOptions sms(Section entry, Common common) {
        String account = text(entry, "account_sid", "write the account's id");
        Secret token = needed(entry, "auth_token", "write the account's token");
        String from = text(entry, "from", "write a number, a name or a messaging service's id");
        String to = text(entry, "to", "write one number with its country");
        int segments =
                entry.number(
                        "max_segments",
                        ChannelOptions.Sms.DEFAULT_SEGMENTS,
                        1,
                        ChannelOptions.Sms.MOST_SEGMENTS);
        String url = entry.text("url", ChannelOptions.Sms.URL);
        return account.isEmpty() || token.isEmpty() || from.isEmpty() || to.isEmpty()
                ? null
                : new ChannelOptions.Sms(common, account, token, from, to, segments, url);
    }

    private static DeliveryPolicy policy(Section entry) {
        DeliveryPolicy defaults = DeliveryPolicy.DEFAULT;
        int attempts = entry.number("max_attempts", defaults.maxAttempts(), 1, 1_000);
        Duration age = entry.duration("max_age", defaults.maxAge(), Duration.ofSeconds(1), LONGEST);
        Duration base =
                entry.duration(
                        "backoff_base", defaults.backoffBase(), MILLISECOND, Duration.ofHours(1));
        Duration cap = entry.duration("backoff_cap", defaults.backoffCap(), MILLISECOND, LONGEST);
        if (cap.compareTo(base) < 0) {
            entry.problem(
                    "backoff_cap",
                    "is shorter than backoff_base",
                    "write at least " + Durations.format(base));
            cap = base;
        }
        int failures = entry.number("circuit_failures", defaults.circuitFailures(), 1, MOST);
        Duration pause =
                entry.duration("circuit_pause", defaults.circuitPause(), MILLISECOND, LONGEST);
        int rate = entry.number("rate_per_minute", defaults.ratePerMinute(), 1, MOST);
        return new DeliveryPolicy(attempts, age, base, cap, failures, pause, rate);
    }

    private static String text(Section entry, String key, String remedy) {
        entry.require(key, remedy);
        return entry.text(key, "");
    }

    /** A secret that must be there; empty when it has been reported. */
    private static Secret needed(Section entry, String key, String remedy) {
        entry.require(key, remedy);
        Secret secret = entry.secret(key, Secret.NONE);
        if (entry.has(key) && secret.reveal().isBlank()) {
            entry.problem(key, "is blank", remedy);
            return Secret.NONE;
        }
        return Secret.of(secret.reveal().strip());
    }
}
