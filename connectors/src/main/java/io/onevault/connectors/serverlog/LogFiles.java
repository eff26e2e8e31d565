package io.onevault.connectors.serverlog;

import io.onevault.connectors.target.ServerFailureException;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.SqlResource;
import io.onevault.connectors.target.TargetSession;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The log's files as the server shows them over one connection. Used by one thread; {@link #abort}
 * by any.
 */
final class LogFiles {

    static final String APPLICATION = "onevault-log";

    private static final String HEAD = SqlResource.read(LogFiles.class, "head");
    private static final String HEAD_14 = SqlResource.read(LogFiles.class, "head_14");
    private static final String FILES = SqlResource.read(LogFiles.class, "files");
    private static final String READ = SqlResource.read(LogFiles.class, "read");
    private static final int FIRST_WITH_JSON = 15;

    private final TargetSession session;

    LogFiles(ServerTarget target, ServerLogOptions options) {
        this.session = new TargetSession(target, APPLICATION, options.limits());
    }

    /**
     * Where the server logs now.
     *
     * @param serverMicros server's clock, microseconds since the epoch
     * @param json path of the file in this format, or null
     * @param csv the same
     * @param timezone of the times in them
     * @param offsetSeconds of that zone now, east of Greenwich
     */
    record Head(
            long serverMicros,
            @Nullable String json,
            @Nullable String csv,
            String timezone,
            int offsetSeconds) {

        @Nullable String path(LogFormat format) {
            return format == LogFormat.JSON ? json : csv;
        }

        /** The better format that is written; null when there is none. */
        @Nullable LogFormat format() {
            return json != null ? LogFormat.JSON : csv != null ? LogFormat.CSV : null;
        }
    }

    /**
     * A file in the log's folder.
     *
     * @param modifiedMicros when it was last written, microseconds since the epoch
     */
    record LogFile(String name, long size, long modifiedMicros) {}

    Head head() throws SQLException, ServerFailureException {
        Connection connection = session.open();
        boolean json = connection.getMetaData().getDatabaseMajorVersion() >= FIRST_WITH_JSON;
        try (PreparedStatement statement = connection.prepareStatement(json ? HEAD : HEAD_14);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return new Head(
                    row.getLong(1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getInt(5));
        }
    }

    List<LogFile> list() throws SQLException, ServerFailureException {
        Connection connection = session.open();
        List<LogFile> files = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(FILES);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                files.add(new LogFile(rows.getString(1), rows.getLong(2), rows.getLong(3)));
            }
        }
        return files;
    }

    /** At most {@code length} bytes from {@code offset} on; null when there is no such file. */
    byte @Nullable [] read(String path, long offset, int length)
            throws SQLException, ServerFailureException {
        Connection connection = session.open();
        try (PreparedStatement statement = connection.prepareStatement(READ)) {
            statement.setString(1, path);
            statement.setLong(2, offset);
            statement.setLong(3, length);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBytes(1);
            }
        }
    }

    void close() {
        session.close();
    }

    void abort() {
        session.abort();
    }
}
