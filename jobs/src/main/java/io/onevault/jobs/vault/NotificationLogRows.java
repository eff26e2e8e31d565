package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BOOLEAN;
import static io.onevault.connectors.vault.VaultTable.ColumnType.DOUBLE;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP_MICROS;

import io.onevault.connectors.vault.VaultLink;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.alerts.delivery.DeliveryRecord;
import io.onevault.jobs.alerts.delivery.DeliveryState;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Attempts in {@code monitoring.notification_log_s}: the hub is the notification, linked to its
 * alert; a row stands from the moment an attempt ended, the last one says how it all ended.
 */
public final class NotificationLogRows {

    private static final String TO_ALERT = "alert_notification_l";
    private static final int LONGEST_ID = 255;

    public static final VaultTable TABLE =
            new VaultTable(
                            "monitoring",
                            "notification_log_h",
                            "notification_log_s",
                            "notification_log",
                            List.of(
                                    new Column("notification_timestamp", TIMESTAMP_MICROS),
                                    new Column("delivery_status", TEXT),
                                    new Column("channel_name", TEXT),
                                    new Column("recipient_address", TEXT),
                                    new Column("message_content", TEXT),
                                    new Column("delivery_confirmation_received", BOOLEAN),
                                    new Column("delivery_confirmation_timestamp", TIMESTAMP_MICROS),
                                    new Column("failure_reason", TEXT),
                                    new Column("retry_count", INTEGER),
                                    new Column("delivery_duration_ms", DOUBLE),
                                    new Column("external_message_id", TEXT),
                                    new Column("channel_type", TEXT),
                                    new Column("idempotency_key", TEXT),
                                    new Column("matter_key", TEXT)),
                            List.of("delivery_confirmation_received", "retry_count"),
                            "ONEVAULT_STREAMS_ALERTS")
                    .withLinks(
                            new VaultLink(
                                    TO_ALERT,
                                    "alert_notification",
                                    "alert_instance_h",
                                    "alert_instance",
                                    true));

    private NotificationLogRows() {}

    /** The row of an attempt or an end; of two of one moment a delivery stands. */
    public static VaultRow row(DeliveryRecord record) {
        boolean delivered = record.delivery() == DeliveryState.DELIVERED;
        return new VaultRow(
                storable(record.key()),
                storable(record.tenant()),
                TimeUnit.MICROSECONDS.toMillis(record.atMicros()),
                Arrays.<@Nullable Object>asList(
                        record.requestedAtMicros(),
                        record.state(),
                        record.channel(),
                        text(record.recipient()),
                        text(record.content()),
                        delivered,
                        delivered ? record.atMicros() : null,
                        text(record.reason()),
                        Math.max(0, record.attempts() - 1),
                        record.attempts() == 0 ? null : record.durationMillis(),
                        text(bounded(record.externalId())),
                        record.channelType(),
                        storable(record.idempotencyKey()),
                        text(record.matterKey())),
                List.of(new VaultRow.Link(TO_ALERT, storable(record.alertKey()))));
    }

    private static @Nullable String text(String value) {
        return value.isEmpty() ? null : storable(value);
    }

    private static String bounded(String id) {
        return id.codePointCount(0, id.length()) <= LONGEST_ID
                ? id
                : id.substring(0, id.offsetByCodePoints(0, LONGEST_ID));
    }

    /** PostgreSQL's text has no NUL character. */
    private static String storable(String value) {
        return value.replace('\0', '\uFFFD');
    }
}
