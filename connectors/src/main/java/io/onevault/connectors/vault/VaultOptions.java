package io.onevault.connectors.vault;

import io.onevault.connectors.secret.Secret;
import java.io.Serializable;
import java.time.Duration;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;

/**
 * How a sink reaches the vault and how much it holds while it cannot.
 *
 * @param url JDBC URL without user or password
 * @param user a member of {@code onevault_writer}
 * @param password of the user
 * @param batchRows rows in one transaction at most; default 5,000
 * @param linger how long a row waits for company; default 200 ms
 * @param capacityRows rows held while the vault is away, in memory and in checkpoints; a full
 *     buffer is backpressure; default 200,000
 * @param backoffMax longest wait between attempts, doubling from 100 ms; default 10 s
 */
public record VaultOptions(
        String url,
        String user,
        Secret password,
        int batchRows,
        Duration linger,
        int capacityRows,
        Duration backoffMax)
        implements Serializable {

    private static final String STATEMENT_LIMITS =
            "-c statement_timeout=60s -c lock_timeout=20s"
                    + " -c idle_in_transaction_session_timeout=60s";

    public VaultOptions {
        if (batchRows < 1 || capacityRows < batchRows) {
            throw new IllegalArgumentException("the buffer must hold at least one batch");
        }
    }

    /** Options with every default. */
    public static VaultOptions of(String url, String user, Secret password) {
        return new VaultOptions(
                url,
                user,
                password,
                5_000,
                Duration.ofMillis(200),
                200_000,
                Duration.ofSeconds(10));
    }

    /** The same with rows that wait for company no longer than {@code most}. */
    public VaultOptions withLingerUpTo(Duration most) {
        return linger.compareTo(most) <= 0
                ? this
                : new VaultOptions(url, user, password, batchRows, most, capacityRows, backoffMax);
    }

    /** A provider of connections that notice a peer gone silent. */
    JdbcConnectionProvider connections() {
        return new SimpleJdbcConnectionProvider(
                new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                        .withUrl(url)
                        .withDriverName("org.postgresql.Driver")
                        .withUsername(user)
                        .withPassword(password.reveal())
                        .withProperty("ApplicationName", "onevault-vault-sink")
                        .withProperty("connectTimeout", "10")
                        .withProperty("socketTimeout", "90")
                        .withProperty("tcpKeepAlive", "true")
                        .withProperty("options", STATEMENT_LIMITS)
                        .build());
    }
}
