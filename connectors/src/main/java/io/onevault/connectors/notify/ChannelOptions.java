package io.onevault.connectors.notify;

import io.onevault.connectors.secret.Secret;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How one receiver is reached: an entry of {@code alerts: channels:}. Every key that holds a secret
 * may be written as <code>${NAME}</code> or <code>${file:/path}</code>. A channel has one receiver,
 * so that what has reached one is not repeated because of another.
 *
 * <p>Constructors check their values and throw {@link InvalidChannelException}: one sentence with
 * the remedy, without secrets.
 */
public sealed interface ChannelOptions extends Serializable {

    /** What all channels have. */
    Common common();

    /** {@code EMAIL, SLACK, PAGERDUTY, SMS, WEBHOOK}, as the vault names them. */
    String type();

    /** What rules call it. */
    default String name() {
        return common().name();
    }

    /** How long an attempt may take in all. */
    default Duration timeout() {
        return common().timeout();
    }

    /** When to try again, and when not. */
    default DeliveryPolicy policy() {
        return common().policy();
    }

    /**
     * What all channels have.
     *
     * @param name key {@code name}: what rules call it; letters, digits, dot, underscore, hyphen
     * @param timeout key {@code timeout}: of an attempt in all, 100 ms to 2 min; default 10 s
     * @param policy keys {@code max_attempts} (default 20), {@code max_age} (1 h), {@code
     *     backoff_base} (1 s), {@code backoff_cap} (5 min), {@code circuit_failures} (5), {@code
     *     circuit_pause} (30 s), {@code rate_per_minute} (60)
     */
    record Common(String name, Duration timeout, DeliveryPolicy policy) implements Serializable {

        /** Default of {@link #timeout}. */
        public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

        /** Least {@link #timeout}. */
        public static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(100);

        /** Greatest {@link #timeout}. */
        public static final Duration LONGEST_TIMEOUT = Duration.ofMinutes(2);

        public Common {
            if (!name.matches("[A-Za-z0-9_.-]{1,100}")) {
                throw new InvalidChannelException(
                        "?",
                        "name",
                        "is not a valid name",
                        "use up to 100 letters, digits, dots, underscores and hyphens");
            }
            if (timeout.compareTo(SHORTEST_TIMEOUT) < 0 || timeout.compareTo(LONGEST_TIMEOUT) > 0) {
                throw new InvalidChannelException(
                        name, "timeout", "is out of range", "choose 100 ms to 2 min");
            }
        }

        /** Only a name; the rest by default. */
        public static Common of(String name) {
            return new Common(name, DEFAULT_TIMEOUT, DeliveryPolicy.DEFAULT);
        }
    }

    /** How a mail server is spoken to. */
    enum Security {
        /** Plain at first, then TLS or nothing at all. */
        STARTTLS,
        /** TLS from the first byte. */
        TLS,
        /** No TLS. */
        NONE;

        /** The word for it in the configuration. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Mail, {@code type: email}.
     *
     * @param host key {@code host}: the mail server
     * @param port key {@code port}; default 587, with {@code tls} 465, with {@code none} 25
     * @param security key {@code security}: {@code starttls} (default), {@code tls}, {@code none};
     *     without TLS no password is sent, except to this machine
     * @param user key {@code user}; empty (default) for a server that asks for none
     * @param password key {@code password} of the user
     * @param from key {@code from}: sender's address
     * @param to key {@code to}: one address or a list; all get the same mail
     * @param caFile key {@code ca_file}: PEM file of the authorities to trust instead of the Java
     *     platform's; null (default) for the latter
     */
    record Email(
            Common common,
            String host,
            int port,
            Security security,
            String user,
            Secret password,
            String from,
            List<String> to,
            @Nullable String caFile)
            implements ChannelOptions {

        public Email {
            to = List.copyOf(to);
            Addresses.requireHost(common.name(), host);
            Addresses.requirePort(common.name(), port);
            Addresses.requireMail(common.name(), "from", from);
            if (to.isEmpty()) {
                throw new InvalidChannelException(
                        common.name(), "to", "names nobody", "list at least one address");
            }
            for (String address : to) {
                Addresses.requireMail(common.name(), "to", address);
            }
            if (security == Security.NONE
                    && !password.isEmpty()
                    && !Addresses.isThisMachine(host)) {
                throw new InvalidChannelException(
                        common.name(),
                        "security",
                        "would send the password in clear text",
                        "use starttls or tls");
            }
        }

        @Override
        public String type() {
            return "EMAIL";
        }

        /** The usual port. */
        public static int defaultPort(Security security) {
            return switch (security) {
                case STARTTLS -> 587;
                case TLS -> 465;
                case NONE -> 25;
            };
        }
    }

    /**
     * A Slack channel through an incoming webhook, {@code type: slack}.
     *
     * @param url key {@code url}: the webhook's, https; it is a secret
     */
    record Slack(Common common, Secret url) implements ChannelOptions {

        public Slack {
            Addresses.secretUrl(common.name(), url.reveal());
        }

        @Override
        public String type() {
            return "SLACK";
        }
    }

    /**
     * A PagerDuty service through its Events API v2, {@code type: pagerduty}.
     *
     * @param routingKey key {@code routing_key}: the service's integration key
     * @param url key {@code url}; default {@value #URL}
     */
    record PagerDuty(Common common, Secret routingKey, String url) implements ChannelOptions {

        /** Where PagerDuty listens. */
        public static final String URL = "https://events.pagerduty.com/v2/enqueue";

        public PagerDuty {
            Addresses.requireSecret(common.name(), "routing_key", routingKey);
            Addresses.secretUrl(common.name(), url);
        }

        @Override
        public String type() {
            return "PAGERDUTY";
        }
    }

    /**
     * A text message through Twilio or what speaks like it, {@code type: sms}.
     *
     * @param accountSid key {@code account_sid}
     * @param authToken key {@code auth_token}
     * @param from key {@code from}: a number as +491701234567, a sender name, or a messaging
     *     service's id beginning with MG
     * @param to key {@code to}: one number as +491701234567
     * @param maxSegments key {@code max_segments}: messages a text may be cut into, each paid for,
     *     1 to 10; default 3
     * @param url key {@code url}; default {@value #URL}
     */
    record Sms(
            Common common,
            String accountSid,
            Secret authToken,
            String from,
            String to,
            int maxSegments,
            String url)
            implements ChannelOptions {

        /** Where Twilio listens. */
        public static final String URL = "https://api.twilio.com";

        /** Default of {@link #maxSegments}. */
        public static final int DEFAULT_SEGMENTS = 3;

        /** Greatest {@link #maxSegments}, which is Twilio's. */
        public static final int MOST_SEGMENTS = 10;

        public Sms {
            Addresses.requireSecret(common.name(), "auth_token", authToken);
            Addresses.secretUrl(common.name(), url);
            if (!accountSid.matches("[A-Za-z0-9_-]{1,64}")) {
                throw new InvalidChannelException(
                        common.name(),
                        "account_sid",
                        "is not an account's id",
                        "use letters and digits only");
            }
            if (!to.matches("\\+[1-9][0-9]{4,14}")) {
                throw new InvalidChannelException(
                        common.name(),
                        "to",
                        "is not a phone number with its country",
                        "write for example \"+491701234567\"");
            }
            if (!from.matches("\\+?[A-Za-z0-9 ]{1,64}")) {
                throw new InvalidChannelException(
                        common.name(),
                        "from",
                        "is not a sender",
                        "write a number, a name or a messaging service's id");
            }
            if (maxSegments < 1 || maxSegments > MOST_SEGMENTS) {
                throw new InvalidChannelException(
                        common.name(),
                        "max_segments",
                        "is out of range",
                        "choose 1 to " + MOST_SEGMENTS);
            }
        }

        @Override
        public String type() {
            return "SMS";
        }
    }

    /**
     * Our own JSON to any system, signed, {@code type: webhook}. The format is that of {@code
     * notification-v1.schema.json}.
     *
     * @param url key {@code url}: http or https, without user and password; a token in it is
     *     allowed and never shown
     * @param secret key {@code secret}: signs every message, so that the receiver knows it is ours;
     *     at least 16 characters
     * @param caFile key {@code ca_file}: PEM file of the authorities to trust instead of the Java
     *     platform's; null (default) for the latter
     */
    record Webhook(Common common, Secret url, Secret secret, @Nullable String caFile)
            implements ChannelOptions {

        private static final int SHORTEST_SECRET = 16;

        public Webhook {
            Addresses.url(common.name(), url.reveal());
            if (secret.reveal().length() < SHORTEST_SECRET) {
                throw new InvalidChannelException(
                        common.name(),
                        "secret",
                        "is too short to keep anybody out",
                        "use at least %d characters".formatted(SHORTEST_SECRET));
            }
        }

        @Override
        public String type() {
            return "WEBHOOK";
        }

        /** The address; hand it to the client and nothing else. */
        URI target() {
            return Addresses.url(name(), url.reveal());
        }
    }
}
