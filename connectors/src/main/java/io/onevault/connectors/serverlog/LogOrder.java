package io.onevault.connectors.serverlog;

import io.onevault.connectors.serverlog.LogFiles.LogFile;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The order of a log's files: the server writes one after the other, so their last modification
 * tells it, whatever they are called. Of those modified within the same second, the names do.
 */
final class LogOrder {

    private static final Comparator<LogFile> ORDER =
            Comparator.comparingLong(LogFile::modifiedMicros).thenComparing(LogFile::name);

    private LogOrder() {}

    /**
     * The file to read after {@code read}, which is finished or gone.
     *
     * @param time of the newest record read, milliseconds since the epoch
     * @param current the file the server writes now
     */
    static String next(String read, long time, String current, List<LogFile> files) {
        String suffix = LogFormat.ofFile(read).suffix();
        LogFile last =
                files.stream()
                        .filter(file -> file.name().equals(read))
                        .findFirst()
                        // Modification has whole seconds.
                        .orElse(new LogFile("", 0, TimeUnit.SECONDS.toMicros(time / 1000)));
        return files.stream()
                .filter(file -> file.name().endsWith(suffix) && !file.name().equals(read))
                .filter(file -> ORDER.compare(file, last) > 0)
                .min(ORDER)
                .map(LogFile::name)
                .orElse(current);
    }
}
