package io.onevault.sql;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

/**
 * Keeps {@code monitoring.notification_channel_s} as the configuration is: a row for each channel,
 * another when it changes, and an inactive one when it is no longer configured. Others cannot write
 * there.
 */
final class ChannelRegister {

    private static final String WRITE =
            """
            WITH configured AS (
                SELECT util.hash_binary(c.name) AS hk, c.name, c.type, c.configuration::jsonb AS configuration, c.rate,
                       true AS is_active
                FROM unnest(?::text[], ?::text[], ?::text[], ?::int[]) AS c (name, type, configuration, rate)
            ),
            present AS (
                SELECT *
                FROM monitoring.notification_channel_s
                WHERE load_end_date IS NULL AND record_source = 'ONEVAULT_CONFIGURATION'
            ),
            wanted AS (
                SELECT * FROM configured
                UNION ALL
                SELECT p.notification_channel_hk, p.channel_name, p.channel_type, p.configuration,
                       p.rate_limit_per_minute, false
                FROM present p
                WHERE p.is_active AND NOT EXISTS (
                    SELECT FROM configured c WHERE c.hk = p.notification_channel_hk)
            ),
            changed AS MATERIALIZED (
                SELECT w.*,
                       util.hash_binary(concat_ws('|', w.type, w.configuration, w.rate, w.is_active)) AS hash_diff,
                       greatest(clock_timestamp(), p.load_date + interval '1 microsecond') AS moment
                FROM wanted w
                LEFT JOIN present p ON p.notification_channel_hk = w.hk
                WHERE p.hash_diff IS DISTINCT FROM
                      util.hash_binary(concat_ws('|', w.type, w.configuration, w.rate, w.is_active))
            ),
            hub AS (
                INSERT INTO monitoring.notification_channel_h
                    (notification_channel_hk, notification_channel_bk, record_source)
                SELECT hk, name, 'ONEVAULT_CONFIGURATION' FROM changed
                ON CONFLICT DO NOTHING
            ),
            ended AS (
                UPDATE monitoring.notification_channel_s s
                SET load_end_date = c.moment
                FROM changed c
                WHERE s.notification_channel_hk = c.hk AND s.load_end_date IS NULL
                    AND s.record_source = 'ONEVAULT_CONFIGURATION'
            )
            INSERT INTO monitoring.notification_channel_s
                (notification_channel_hk, load_date, hash_diff, channel_name, channel_type, configuration,
                 rate_limit_per_minute, is_active, record_source)
            SELECT hk, moment, hash_diff, name, type, configuration, rate, is_active, 'ONEVAULT_CONFIGURATION'
            FROM changed
            """;

    private ChannelRegister() {}

    /**
     * Writes what has changed.
     *
     * @param connection as the vault's owner, with partitions for the present month
     */
    static void write(Connection connection, List<NotificationChannel> channels)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(WRITE)) {
            statement.setArray(1, texts(connection, channels, NotificationChannel::name));
            statement.setArray(2, texts(connection, channels, NotificationChannel::type));
            statement.setArray(3, texts(connection, channels, NotificationChannel::configuration));
            statement.setArray(
                    4,
                    connection.createArrayOf(
                            "int4",
                            channels.stream().map(NotificationChannel::ratePerMinute).toArray()));
            statement.executeUpdate();
        }
    }

    private static Array texts(
            Connection connection,
            List<NotificationChannel> channels,
            Function<NotificationChannel, String> text)
            throws SQLException {
        return connection.createArrayOf("text", channels.stream().map(text).toArray());
    }
}
