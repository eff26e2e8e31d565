package io.onevault.connectors.serverlog;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.LogEvent;
import io.onevault.connectors.model.LogObservation;
import io.onevault.connectors.serverlog.LogFiles.Head;
import io.onevault.connectors.serverlog.LogFiles.LogFile;
import io.onevault.connectors.target.Backoff;
import io.onevault.connectors.target.Delivery;
import io.onevault.connectors.target.Outbox;
import io.onevault.connectors.target.ServerFailure;
import io.onevault.connectors.target.ServerFailureException;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.Watcher;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one target's log from file to file. Lines, and the position after them, are delivered
 * together. Confined to its thread.
 */
final class LogWatcher implements Watcher {

    /** The name of this source in gaps. */
    static final String POLL = "serverlog";

    private static final Logger LOG = LoggerFactory.getLogger(LogWatcher.class);
    private static final String LOST = "LOG_LOST";

    private final ServerTarget target;
    private final ServerLogOptions options;
    private final LogFiles files;
    private final Outbox<Delivery<LogObservation, LogSplit>> outbox;
    private final LogMetrics metrics;
    private final LogEvents events;
    private final Clock clock;
    private final Backoff backoff;
    private final List<LogObservation> lost = new ArrayList<>();
    private LogSplit split;
    private @Nullable LogCursor cursor;
    private long skewMillis;
    private String complaint = "";

    LogWatcher(
            ServerTarget target,
            LogSplit split,
            ServerLogOptions options,
            Outbox<Delivery<LogObservation, LogSplit>> outbox,
            LogMetrics metrics,
            Clock clock) {
        this.target = target;
        this.split = split;
        this.options = options;
        this.files = new LogFiles(target, options);
        this.outbox = outbox;
        this.metrics = metrics;
        this.events =
                new LogEvents(
                        target.name(),
                        LogFiles.APPLICATION,
                        options.slowStatement().toNanos() / 1e6);
        this.clock = clock;
        this.backoff =
                new Backoff(
                        new Random(options.seed() ^ target.name().hashCode()),
                        options.backoffBase(),
                        options.backoffCap());
    }

    @Override
    public void run() throws InterruptedException {
        try {
            boolean open = true;
            while (open) {
                long wait = options.pollInterval().toMillis();
                try {
                    open = poll();
                    backoff.succeeded();
                } catch (ServerFailureException e) {
                    files.close();
                    wait = backoff.failed();
                    open = failed(e.failure());
                } catch (SQLException e) {
                    files.close();
                    wait = backoff.failed();
                    open = failed(failure(e));
                }
                if (open) {
                    TimeUnit.MILLISECONDS.sleep(wait);
                }
            }
        } finally {
            files.close();
        }
    }

    /** Reads all there is. Returns false when the outbox is closed. */
    private boolean poll() throws SQLException, ServerFailureException, InterruptedException {
        Head head = files.head();
        long now = TimeUnit.MICROSECONDS.toMillis(head.serverMicros());
        skewMillis = now - clock.millis();
        LogFormat written = written(head);
        if (split.file().isEmpty()) {
            begin(head, written, options.fromBeginning());
        }
        LogTime time = new LogTime(head.timezone(), head.offsetSeconds());
        boolean open = true;
        boolean more = true;
        while (open && more) {
            LogFormat format = LogFormat.ofFile(split.file());
            String current = head.path(format);
            LogCursor place = cursor();
            byte[] bytes =
                    files.read(
                            folder(head) + split.file(),
                            place.readFrom(),
                            place.readLength(options.chunkBytes()));
            List<LogLine> lines = new ArrayList<>();
            switch (place.take(bytes, lines)) {
                case REPLACED -> replaced(bytes == null, now, head);
                case MORE -> {
                    open = deliver(place, bytes == null ? 0 : bytes.length, lines, time, now);
                }
                case END -> {
                    if (current == null) {
                        lose(now, "its format is not written any more");
                        begin(head, written, false);
                    } else if (name(current).equals(split.file())) {
                        more = false;
                    } else {
                        move(next(name(current)), false);
                    }
                }
            }
        }
        if (!complaint.isEmpty()) {
            LOG.info("the log of {} is read again", target.name());
            complaint = "";
        }
        return open && say(now, List.of());
    }

    private LogFormat written(Head head) throws ServerFailureException {
        LogFormat format = head.format();
        if (format == null) {
            throw new ServerFailureException(
                    ServerFailure.of(
                            "LOG_DISABLED",
                            "%s writes no log that can be read. Set logging_collector = on and add"
                                    + " jsonlog (from PostgreSQL 15 on) or csvlog to"
                                    + " log_destination.",
                            target.name()));
        }
        return format;
    }

    private LogCursor cursor() {
        LogCursor place = cursor;
        if (place == null) {
            place = new LogCursor(split, options.maxRecordBytes());
            cursor = place;
        }
        return place;
    }

    /** The folder of the log, with a slash at its end; the server alone knows what it means. */
    private static String folder(Head head) {
        String path = head.json() != null ? head.json() : String.valueOf(head.csv());
        return path.substring(0, path.lastIndexOf('/') + 1);
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private void begin(Head head, LogFormat format, boolean atBeginning)
            throws SQLException, ServerFailureException {
        String name = name(String.valueOf(head.path(format)));
        long size = 0;
        if (!atBeginning) {
            for (LogFile file : files.list()) {
                if (file.name().equals(name)) {
                    size = file.size();
                }
            }
        }
        move(split.inFile(name, size, size > 0));
    }

    private void move(LogSplit place) {
        split = place;
        cursor = null;
    }

    private void move(String name, boolean seek) {
        move(split.inFile(name, 0, seek));
    }

    /** The file that was begun after the present one was finished. */
    private String next(String current) throws SQLException, ServerFailureException {
        List<LogFile> all = files.list();
        return LogOrder.next(split.file(), split.time(), current, all);
    }

    private void replaced(boolean missing, long now, Head head)
            throws SQLException, ServerFailureException {
        LogFormat format = LogFormat.ofFile(split.file());
        String current = head.path(format);
        if (missing && current != null && name(current).equals(split.file())) {
            // The server goes on writing to it, but nobody can open it.
            String gone = split.file();
            move(gone, false);
            throw new ServerFailureException(
                    ServerFailure.of(
                            LOST,
                            "somebody removed %s, to which %s logs. Run SELECT pg_rotate_logfile();"
                                    + " what is logged until then is lost.",
                            gone,
                            target.name()));
        }
        if (missing) {
            lose(now, "the file " + split.file() + " was removed before it was read");
            if (current == null) {
                begin(head, written(head), false);
            } else {
                move(next(name(current)), false);
            }
        } else {
            lose(now, "the file " + split.file() + " was cut or overwritten");
            move(split.file(), false);
        }
    }

    private void lose(long now, String why) {
        long from = split.time() == 0 ? now : Math.min(split.time(), now);
        String detail =
                ServerFailure.sentence(
                        "part of the log of %s was not read: %s. Keep log files longer if this"
                                + " stays.",
                        target.name(), why);
        LOG.warn("{}", detail);
        lost.add(gap(now, from, now, LOST, detail));
    }

    private boolean deliver(LogCursor place, int bytes, List<LogLine> lines, LogTime time, long now)
            throws InterruptedException {
        List<LogObservation> found = new ArrayList<>();
        long newest = split.time();
        for (LogLine line : lines) {
            long logged = time.millis(line.text("timestamp"), newest);
            LogEvent event = events.of(line, logged, time.millis(line.text("session_start"), 0));
            newest = Math.max(newest, logged);
            if (event != null) {
                found.add(new LogObservation(target.name(), logged, event, null));
            }
        }
        metrics.read(bytes, lines.size(), found.size());
        if (place.takeOversized() > 0) {
            lose(now, "a record is longer than " + options.maxRecordBytes() + " bytes");
        }
        split = place.split().until(newest);
        return found.isEmpty() || say(newest, found);
    }

    /** Delivers what was found and what was lost, or that all was read until {@code now}. */
    private boolean say(long now, List<LogObservation> found) throws InterruptedException {
        List<LogObservation> all = new ArrayList<>(lost);
        lost.clear();
        all.addAll(found);
        if (found.isEmpty()) {
            all.add(new LogObservation(target.name(), now, null, null));
            split = split.until(now);
        }
        return outbox.put(new Delivery<>(split, List.copyOf(all)));
    }

    /** Says once why reading stands still; nothing is lost by that. */
    private boolean failed(ServerFailure failure) throws InterruptedException {
        metrics.failed();
        cursor = null;
        if (failure.reason().equals(complaint)) {
            return true;
        }
        long now = clock.millis() + skewMillis;
        List<LogObservation> said = new ArrayList<>(lost);
        lost.clear();
        said.add(gap(now, now, now, failure.reason(), failure.detail()));
        boolean open = outbox.put(new Delivery<>(split, List.copyOf(said)));
        if (open) {
            LOG.warn("server log: {} {}", failure.reason(), failure.detail());
            complaint = failure.reason();
        }
        return open;
    }

    private LogObservation gap(long at, long from, long to, String reason, String detail) {
        return new LogObservation(
                target.name(),
                at,
                null,
                new CollectionGap(target.name(), POLL, from, to, reason, detail));
    }

    private ServerFailure failure(SQLException e) {
        String text = ServerFailure.text(e);
        if (ServerFailure.isConnectionLost(e)) {
            return ServerFailure.of(
                    "UNREACHABLE",
                    "%s closed the connection that reads its log: %s. What is logged meanwhile is"
                            + " read later.",
                    target.name(),
                    text);
        }
        String user = target.user().replace("\"", "\"\"");
        return switch (ServerFailure.state(e)) {
            case "42501" ->
                    ServerFailure.of(
                            "PRIVILEGE",
                            "the log of %s may not be read: %s. Run as administrator in the url's"
                                    + " database: GRANT pg_monitor TO \"%s\"; GRANT EXECUTE ON"
                                    + " FUNCTION pg_catalog.pg_current_logfile(text),"
                                    + " pg_catalog.pg_read_binary_file(text, bigint, bigint,"
                                    + " boolean) TO \"%s\".",
                            target.name(),
                            text,
                            user,
                            user);
            case "57014" ->
                    ServerFailure.of(
                            "TIMEOUT",
                            "reading the log of %s was ended: %s. Lower its chunks or raise its"
                                    + " statement timeout if this stays.",
                            target.name(),
                            text);
            default ->
                    ServerFailure.of(
                            "ERROR",
                            "the log of %s cannot be read (%s): %s",
                            target.name(),
                            ServerFailure.state(e),
                            text);
        };
    }

    @Override
    public void abort() {
        files.abort();
    }
}
