package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Store;
import io.onevault.jobs.metrics.LiveValue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The blocking incidents of one target as values of series.
 *
 * <p>A series stands for who blocks: tenant, database and application of the root, not for one
 * process, so that trouble that comes and goes is one alert that flaps, and a silence or a label
 * matcher can name it. Of several incidents the worst counts. A series without an incident is 0 for
 * a quarter of an hour, so that its alerts clear as all others do, and then it is no more.
 *
 * <p>An incident is told anew when something about it changes, at least every ten seconds. In
 * between its series has a value each second, as of {@link #LAG_MILLIS} ago: by then its end would
 * have been told. One that was not told for longer was not looked at, and nothing is said of it.
 */
final class BlockingBoard {

    static final long TICK_MILLIS = TimeUnit.SECONDS.toMillis(1);

    /** An end is told when it is settled how it came, which takes 2.5 s and up to one more. */
    static final long LAG_MILLIS = TimeUnit.SECONDS.toMillis(4);

    static final long QUIET_TICK_MILLIS = TimeUnit.MINUTES.toMillis(1);
    static final long QUIET_MILLIS = TimeUnit.MINUTES.toMillis(15);

    /** An incident that is looked at is told every ten seconds at least. */
    private static final long SEEN_MICROS = TimeUnit.SECONDS.toMicros(15);

    private static final double SECOND_MICROS = 1e6;

    final Store<String, OpenBlocking> open = new Store<>();
    final Store<String, BlockingSeries> series = new Store<>();

    /** Takes in a row of an incident. */
    void observe(BlockingIncident row, Consumer<LiveValue> out) {
        OpenBlocking before = open.get(row.key());
        OpenBlocking now = row.open() ? BlockingWords.open(row) : null;
        if (now != null) {
            open.put(row.key(), now);
        } else {
            open.remove(row.key());
        }
        if (before != null && (now == null || !before.series().equals(now.series()))) {
            tell(before.series(), row.observedAtMicros(), BlockingWords.over(row), out);
        }
        if (now != null) {
            tell(now.series(), row.observedAtMicros(), "", out);
        }
    }

    /** Says how things are as time goes by, without a row. */
    void tick(long now, Consumer<LiveValue> out) {
        long millis = now - LAG_MILLIS;
        long micros = TimeUnit.MILLISECONDS.toMicros(millis);
        for (BlockingSeries each : List.copyOf(series.values())) {
            if (each.quietSince() == 0) {
                if (each.lastMillis() < millis && isSeen(each.series(), micros)) {
                    tell(each.series(), micros, "", out);
                }
            } else if (each.quietSince() + QUIET_MILLIS <= millis) {
                series.remove(each.series());
            } else if (each.lastMillis() + QUIET_TICK_MILLIS <= millis) {
                tell(each.series(), micros, "", out);
            }
        }
    }

    /** When time alone matters next, after {@code now}; {@link Long#MAX_VALUE} for never. */
    long nextTick(long now) {
        if (series.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long micros = TimeUnit.MILLISECONDS.toMicros(now - LAG_MILLIS);
        boolean lasts = false;
        for (OpenBlocking each : open.values()) {
            lasts |= isSeen(each, micros);
        }
        long step = lasts ? TICK_MILLIS : QUIET_TICK_MILLIS;
        return (Math.floorDiv(now, step) + 1) * step;
    }

    private boolean isSeen(String which, long micros) {
        for (OpenBlocking each : open.values()) {
            if (each.series().equals(which) && isSeen(each, micros)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSeen(OpenBlocking each, long micros) {
        return micros <= each.seenMicros() + SEEN_MICROS;
    }

    private void tell(String which, long micros, String whyOver, Consumer<LiveValue> out) {
        @Nullable OpenBlocking worst = null;
        int victims = 0;
        double impact = 0;
        for (OpenBlocking each : open.values()) {
            if (each.series().equals(which)) {
                worst = worst == null || each.waitingSince() < worst.waitingSince() ? each : worst;
                victims = Math.max(victims, each.victims());
                impact = Math.max(impact, each.impact());
            }
        }
        double seconds =
                worst == null ? 0 : Math.max(0, micros - worst.waitingSince()) / SECOND_MICROS;
        BlockingSeries known = series.get(which);
        long millis = TimeUnit.MICROSECONDS.toMillis(micros);
        // Several incidents of one look are several values, and each must count.
        long at = known == null ? millis : Math.max(millis, known.lastMillis() + 1);
        long quiet =
                worst != null
                        ? 0
                        : known == null || known.quietSince() == 0 ? at : known.quietSince();
        series.put(which, new BlockingSeries(which, at, quiet));
        String about = worst == null ? whyOver : BlockingWords.about(worst, seconds);
        for (LiveValue value : values(which, at, seconds, victims, impact, about)) {
            out.accept(value);
        }
    }

    private static List<LiveValue> values(
            String which, long at, double seconds, int victims, double impact, String about) {
        SeriesId id = SeriesId.parse(which);
        List<LiveValue> values = new ArrayList<>(3);
        values.add(new LiveValue(which, at, seconds, about));
        values.add(new LiveValue(of(id, FindingMetrics.BLOCKED_SESSIONS), at, victims, about));
        values.add(new LiveValue(of(id, FindingMetrics.BLOCKING_IMPACT), at, impact, about));
        return values;
    }

    private static String of(SeriesId id, String metric) {
        return new SeriesId(id.target(), id.tenant(), metric, id.labels()).text();
    }
}
