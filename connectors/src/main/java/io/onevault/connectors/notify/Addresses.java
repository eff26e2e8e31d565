package io.onevault.connectors.notify;

import io.onevault.connectors.secret.Secret;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Checks where messages go. Says what is wrong without showing the address: it may be a secret. */
final class Addresses {

    private static final int HIGHEST_PORT = 65_535;
    private static final int LONGEST_HOST = 253;

    private Addresses() {}

    /** A web address. */
    static URI url(String channel, String written) {
        try {
            URI uri = new URI(written.strip());
            String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
            if (uri.getHost() != null
                    && uri.getUserInfo() == null
                    && (scheme.equals("https") || scheme.equals("http"))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below, without the address that the exception shows.
        }
        throw new InvalidChannelException(
                channel,
                "url",
                "is not a web address without user and password",
                "write for example https://example.org/alerts");
    }

    /** A web address to which secrets go: encrypted, or on this machine. */
    static URI secretUrl(String channel, String written) {
        URI uri = url(channel, written);
        if ("http".equalsIgnoreCase(uri.getScheme()) && !isThisMachine(uri.getHost())) {
            throw new InvalidChannelException(
                    channel, "url", "would send a secret in clear text", "use https");
        }
        return uri;
    }

    static boolean isThisMachine(String host) {
        return host.equalsIgnoreCase("localhost")
                || host.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}")
                || host.equals("::1")
                || host.equals("[::1]");
    }

    static void requireSecret(String channel, String key, Secret secret) {
        if (secret.isEmpty() || !secret.reveal().matches("[!-~]+")) {
            throw new InvalidChannelException(
                    channel,
                    key,
                    "is not one word of printable characters",
                    "write it without quotes, spaces and line breaks");
        }
    }

    static void requireHost(String channel, String host) {
        if (host.length() > LONGEST_HOST || !host.matches("[A-Za-z0-9._:-]+")) {
            throw new InvalidChannelException(
                    channel,
                    "host",
                    "is not a host's name or address",
                    "write for example mail.example.org");
        }
    }

    static void requirePort(String channel, int port) {
        if (port < 1 || port > HIGHEST_PORT) {
            throw new InvalidChannelException(
                    channel, "port", "is out of range", "choose 1 to " + HIGHEST_PORT);
        }
    }

    static void requireMail(String channel, String key, String address) {
        try {
            InternetAddress parsed = new InternetAddress(address, true);
            if (address.indexOf('@') > 0 && address.equals(parsed.getAddress())) {
                return;
            }
        } catch (AddressException e) {
            // Said below.
        }
        throw new InvalidChannelException(
                channel,
                key,
                "is not a plain mail address",
                "write for example oncall@example.org");
    }
}
