package io.onevault.jobs.config;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What makes a JDBC URL one of ours: PostgreSQL, a host, a database, no credentials. */
public final class JdbcUrl {

    private static final Pattern FORM =
            Pattern.compile("jdbc:postgresql://([^/?]+)/([^/?]+)(?:\\?(.*))?");
    private static final Pattern HOSTS =
            Pattern.compile("(?:\\[[0-9A-Fa-f:.%]+]|[^\\s:,\\[\\]]+)(?::(\\d{1,5}))?");
    private static final Set<String> CREDENTIALS = Set.of("user", "password", "sslpassword");

    private JdbcUrl() {}

    /** What is wrong with {@code url}, with its remedy; null when nothing is. */
    public static @Nullable Fault check(String url) {
        if (!url.startsWith("jdbc:postgresql:")) {
            return new Fault(
                    "is not a PostgreSQL address", "write jdbc:postgresql://host:port/database");
        }
        Matcher form = FORM.matcher(url);
        if (url.matches("[^?]*//[^/?]*@.*") || hasCredentials(url)) {
            return new Fault(
                    "holds user or password",
                    "take them out of the url and set the keys user and password");
        }
        if (!form.matches()) {
            return new Fault(
                    "lacks host or database", "write jdbc:postgresql://host:port/database");
        }
        for (String host : form.group(1).split(",", -1)) {
            Matcher parts = HOSTS.matcher(host);
            if (!parts.matches()) {
                return new Fault(
                        "has no valid host and port",
                        "write jdbc:postgresql://host:port/database, the port a number");
            }
            if (parts.group(1) != null && !isPort(Integer.parseInt(parts.group(1)))) {
                return new Fault("has no valid port", "write a port from 1 to 65535");
            }
        }
        return null;
    }

    private static boolean isPort(int number) {
        return number >= 1 && number <= 65_535;
    }

    private static boolean hasCredentials(String url) {
        int query = url.indexOf('?');
        if (query < 0) {
            return false;
        }
        for (String parameter : url.substring(query + 1).split("&", -1)) {
            int end = parameter.indexOf('=');
            String name = end < 0 ? parameter : parameter.substring(0, end);
            if (CREDENTIALS.contains(name.strip().toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    /** What is wrong and what to do, as in {@link ConfigProblem}. */
    public record Fault(String what, String remedy) {}
}
