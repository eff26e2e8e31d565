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
        throw new IllegalArgumentException(
                "url of channel %s: write an http or https address without user and password"
                        .formatted(channel));
    }

    /** A web address to which secrets go: encrypted, or on this machine. */
    static URI secretUrl(String channel, String written) {
        URI uri = url(channel, written);
        if ("http".equalsIgnoreCase(uri.getScheme()) && !isThisMachine(uri.getHost())) {
            throw new IllegalArgumentException(
                    "url of channel %s would send a secret in clear text: use https"
                            .formatted(channel));
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
            throw new IllegalArgumentException(
                    "%s of channel %s: write it as one word of printable characters"
                            .formatted(key, channel));
        }
    }

    static void requireHost(String channel, String host) {
        if (host.length() > LONGEST_HOST || !host.matches("[A-Za-z0-9._:-]+")) {
            throw new IllegalArgumentException(
                    "host of channel %s: write a host's name or address".formatted(channel));
        }
    }

    static void requirePort(String channel, int port) {
        if (port < 1 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException(
                    "port of channel %s: choose 1 to %d".formatted(channel, HIGHEST_PORT));
        }
    }

    static void requireMail(String channel, String address) {
        try {
            InternetAddress parsed = new InternetAddress(address, true);
            if (address.indexOf('@') > 0 && address.equals(parsed.getAddress())) {
                return;
            }
        } catch (AddressException e) {
            // Said below.
        }
        throw new IllegalArgumentException(
                "address of channel %s: write plain addresses, such as oncall@example.org"
                        .formatted(channel));
    }
}
