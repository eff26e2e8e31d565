package io.onevault.demo.past;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is true of the demo's pasts, day by day, for those who draw it beside the forecasts. */
public final class TruthFile {

    private static final int DAYS_AHEAD = 365;
    private static final long DAY_SECONDS = 86_400;

    private TruthFile() {}

    /**
     * Writes lines of resource, growth, end of the day (ISO-8601) and bytes.
     *
     * @param end of the pasts, milliseconds since the epoch
     */
    public static void write(Path file, List<TenantPast> pasts, long end) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("resource_name,growth,time,bytes");
        for (TenantPast past : pasts) {
            for (int day = 1 - TenantPast.DAYS; day <= DAYS_AHEAD; day++) {
                lines.add(
                        String.format(
                                Locale.ROOT,
                                "%s,%s,%s,%.0f",
                                past.name(),
                                past.growth().name().toLowerCase(Locale.ROOT),
                                Instant.ofEpochMilli(end).plusSeconds(day * DAY_SECONDS),
                                past.truth(day)));
            }
        }
        Files.write(file, lines);
    }
}
