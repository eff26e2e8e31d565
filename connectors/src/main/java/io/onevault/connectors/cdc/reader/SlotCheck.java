package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.split.CdcSplit;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a slot can serve a position without loss.
 *
 * <p>PostgreSQL silently moves a start position forward to what the slot has confirmed, and the
 * engine compares with {@code restart_lsn} only: without this check rows vanish without an error.
 */
final class SlotCheck {

    private static final String UNDEFINED_OBJECT = "42704";

    private static final String STATE =
            """
            SELECT s.plugin,
                   s.database,
                   current_database(),
                   s.wal_status,
                   s.confirmed_flush_lsn - '0/0'::pg_lsn AS confirmed,
                   (SELECT system_identifier FROM pg_control_system()) AS system_id,
                   CASE WHEN pg_is_in_recovery()
                        THEN (SELECT timeline_id FROM pg_control_checkpoint())
                        -- The control file follows a promotion late.
                        ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
                        END AS timeline,
                   CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                        ELSE pg_current_wal_insert_lsn() END - '0/0'::pg_lsn AS wal_end,
                   COALESCE((SELECT oid::bigint FROM pg_publication WHERE pubname = ?), 0)
                     AS publication,
                   s.slot_name IS NOT NULL AS has_slot,
                   ARRAY(SELECT t.name
                           FROM unnest(?::text[]) AS t (name)
                          WHERE NOT EXISTS (SELECT
                                              FROM pg_publication_tables AS p
                                             WHERE p.pubname = ?
                                               AND p.schemaname || '.' || p.tablename = t.name))
                     AS unpublished
              FROM (SELECT 1) AS one
              LEFT JOIN pg_replication_slots AS s ON s.slot_name = ?
            """;

    private SlotCheck() {}

    /**
     * What the server says of the slot.
     *
     * @param publication the publication's object id, 0 when there is none
     * @param confirmed the slot's confirmed LSN
     * @param unpublished tables that the publication does not hold
     * @param refusal why the slot must not be read, or null
     */
    record Answer(
            long systemId,
            int timeline,
            long publication,
            long confirmed,
            List<String> unpublished,
            @Nullable Refusal refusal) {}

    /**
     * Why changes are not read.
     *
     * @param reason a code for programs
     * @param detail one sentence with the remedy
     */
    record Refusal(String reason, String detail) {}

    /** Asks the server. */
    static Answer ask(Connection connection, CdcOptions options, CdcSplit split)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(STATE)) {
            statement.setString(1, options.publication());
            statement.setArray(2, connection.createArrayOf("text", options.tables().toArray()));
            statement.setString(3, options.publication());
            statement.setString(4, options.slot());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new Answer(
                        row.getLong("system_id"),
                        row.getInt("timeline"),
                        row.getLong("publication"),
                        row.getLong("confirmed"),
                        List.of((String[]) row.getArray("unpublished").getArray()),
                        refusal(row, options, split));
            }
        }
    }

    /**
     * What a failure of the stream says of the slot: it decodes with the catalogue as it was, and
     * up to version 17 the server refuses to send a change that is older than its publication.
     *
     * @return null when it may be tried again
     */
    static @Nullable Refusal refusal(Throwable problem, CdcOptions options) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException failure
                    && UNDEFINED_OBJECT.equals(failure.getSQLState())
                    && String.valueOf(failure.getMessage()).contains("publication")) {
                return new Refusal(
                        "PUBLICATION_MISSING",
                        "the log of replication slot %s begins before publication %s was created; drop the slot, create it again with ./onevault deploy --config FILE, and restart the job"
                                .formatted(options.slot(), options.publication()));
            }
        }
        return null;
    }

    private static @Nullable Refusal refusal(ResultSet row, CdcOptions options, CdcSplit split)
            throws SQLException {
        String slot = options.slot();
        String afresh =
                "; to go on, give the source another slot name, create that slot with ./onevault deploy --config FILE%s, and restart the job from its newest checkpoint or savepoint: the tables are then read again"
                        .formatted(row.getBoolean("has_slot") ? ", drop slot " + slot : "");
        long position = split.position().commitLsn();
        if (split.systemId() != 0 && split.systemId() != row.getLong("system_id")) {
            return new Refusal(
                    "OTHER_SERVER",
                    "the position belongs to server %d, this is server %d; correct the url%s"
                            .formatted(split.systemId(), row.getLong("system_id"), afresh));
        }
        if (!row.getBoolean("has_slot")) {
            return new Refusal(
                    "SLOT_MISSING",
                    "replication slot %s does not exist%s%s"
                            .formatted(
                                    slot,
                                    position == 0
                                            ? ""
                                            : "; what was changed since %s is lost to the stream"
                                                    .formatted(Lsns.text(position)),
                                    afresh));
        }
        if (!"pgoutput".equals(row.getString("plugin"))
                || !row.getString(3).equals(row.getString("database"))) {
            return new Refusal(
                    "SLOT_FOREIGN",
                    "replication slot %s is not a pgoutput slot of database %s; choose another slot name"
                            .formatted(slot, row.getString(3)));
        }
        String status = row.getString("wal_status");
        if ("lost".equals(status) || "unreserved".equals(status)) {
            return new Refusal(
                    "SLOT_LOST",
                    "replication slot %s is %s: the server removed or is about to remove log it needs%s"
                            .formatted(slot, status, afresh));
        }
        // Its position is the first thing a slot gets that can decode; NULL reads as 0 below.
        row.getLong("confirmed");
        if (row.wasNull()) {
            return new Refusal(
                    "SLOT_UNFINISHED",
                    "replication slot %s is still being created and begins only when the transactions that run have ended; wait for them or end them: it is looked at again, and the source goes on alone"
                            .formatted(slot));
        }
        if (position != 0 && row.getLong("confirmed") > position) {
            return new Refusal(
                    "SLOT_AHEAD",
                    "replication slot %s stands at %s, after the position %s that is to be resumed; what lies between cannot be read%s"
                            .formatted(
                                    slot,
                                    Lsns.text(row.getLong("confirmed")),
                                    Lsns.text(position),
                                    afresh));
        }
        if (position > row.getLong("wal_end")) {
            return new Refusal(
                    "SERVER_BEHIND",
                    "the server's log ends at %s, before the position %s that is to be resumed: it was restored to an earlier time%s"
                            .formatted(
                                    Lsns.text(row.getLong("wal_end")),
                                    Lsns.text(position),
                                    afresh));
        }
        long publication = row.getLong("publication");
        if (publication == 0) {
            return new Refusal(
                    "PUBLICATION_MISSING",
                    position == 0
                            ? "publication %s does not exist; create it with ./onevault deploy --config FILE"
                                    .formatted(options.publication())
                            : "publication %s does not exist; what was changed since it was dropped is lost to the stream%s"
                                    .formatted(options.publication(), afresh));
        }
        if (position != 0 && split.publication() != 0 && split.publication() != publication) {
            return new Refusal(
                    "PUBLICATION_MISSING",
                    "publication %s was dropped and created again; what was changed in between is lost to the stream%s"
                            .formatted(options.publication(), afresh));
        }
        int timeline = row.getInt("timeline");
        if (position != 0
                && split.timeline() != 0
                && !Timelines.holds(options, timeline, split.timeline(), position)) {
            return new Refusal(
                    "SERVER_BEHIND",
                    "the server is on timeline %d, which left timeline %d before the position %s that is to be resumed: it was restored to an earlier time, or took over without the newest log%s"
                            .formatted(timeline, split.timeline(), Lsns.text(position), afresh));
        }
        String[] unpublished = (String[]) row.getArray("unpublished").getArray();
        if (position == 0 && unpublished.length > 0) {
            return new Refusal(
                    "TABLE_MISSING",
                    "publication %s does not hold table %s; add it with ./onevault deploy --config FILE"
                            .formatted(options.publication(), String.join(", ", unpublished)));
        }
        return null;
    }
}
