package io.onevault.jobs.capacity.attribution;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an event makes of a row, and of what its owner has.
 *
 * <p>Each row is remembered with its owner and size, so that a removal without the old row, a
 * repeated reading and a change of owner all correct exactly what was counted before.
 */
public final class RowLedger {

    private RowLedger() {}

    /**
     * What an event makes of a row.
     *
     * @param row what is remembered from now on, null for nothing
     * @param deltas what changes for owners
     */
    public record Entry(@Nullable RowState row, List<OwnerDelta> deltas) {}

    /**
     * Applies an event.
     *
     * @param stored what is remembered of the row
     * @param ended what ended since the event, when that was heard of before the event
     */
    public static Entry apply(@Nullable RowState stored, RowEvent event, @Nullable Reset ended) {
        List<OwnerDelta> deltas = new ArrayList<>(2);
        RowState before = stored;
        if (before != null && before.sequence() < event.order().cut()) {
            deltas.add(gone(before, event.order().cutTime()));
            before = null;
        }
        RowState after = after(before, event);
        if (before != null && (after == null || !after.owner().equals(before.owner()))) {
            deltas.add(delta(before.owner(), event, amount(before).negated(), false));
            before = null;
        }
        if (after != null) {
            Amount now = amount(after);
            Amount difference = before == null ? now : now.plus(amount(before).negated());
            deltas.add(delta(after.owner(), event, difference, !event.removes()));
        }
        if (after != null && ended != null && ended.ends(after)) {
            deltas.add(gone(after, ended.time()));
            after = null;
        }
        return new Entry(after, deltas);
    }

    /** What it changes for its owner that a row is gone. */
    public static OwnerDelta gone(RowState row, long time) {
        return new OwnerDelta(
                row.target(),
                row.owner(),
                row.relation(),
                amount(row).negated(),
                null,
                null,
                row.sequence(),
                time);
    }

    private static @Nullable RowState after(@Nullable RowState before, RowEvent event) {
        long count = count(before, event);
        if (count == 0) {
            return null;
        }
        RowState known = before;
        Digest owner = event.owner();
        if (event.removes() || owner == null) {
            if (known == null) {
                return null;
            }
            owner = known.owner();
        }
        long bytes = event.bytes();
        List<DatumSize> values = event.values();
        if (event.removes() && known != null) {
            bytes = known.bytes();
            values = known.values();
        } else if (event.size().incomplete() && known != null) {
            RowSize completed = event.size().completed(known.values());
            values = completed.values();
            bytes = completed.incomplete() ? known.bytes() : completed.bytes();
        }
        return new RowState(
                event.target(),
                event.relation(),
                owner,
                bytes,
                count,
                event.order().number(),
                bytes > RowSize.NARROW ? values : List.of());
    }

    private static long count(@Nullable RowState before, RowEvent event) {
        if (!event.byContent()) {
            return event.removes() ? 0 : 1;
        }
        boolean readAgain =
                before != null
                        && event.snapshot()
                        && before.sequence() < event.order().snapshotStart();
        long counted = before == null || readAgain ? 0 : before.count();
        return Math.max(0, counted + (event.removes() ? -1 : 1));
    }

    private static Amount amount(RowState row) {
        return new Amount(row.count(), row.count() * row.bytes(), 0);
    }

    /**
     * @param present whether it is the delta of the owner that the event gives the row
     */
    private static OwnerDelta delta(Digest owner, RowEvent event, Amount amount, boolean present) {
        return new OwnerDelta(
                event.target(),
                owner,
                event.relation(),
                new Amount(amount.rows(), amount.bytes(), present ? 1 : 0),
                present ? event.tenant() : null,
                present ? event.name() : null,
                event.order().number(),
                event.time());
    }
}
