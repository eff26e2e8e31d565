package io.onevault.jobs.capacity.attribution;

import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What row changes say of rows, one or two events each. TRUNCATE says nothing of one row. */
public final class RowEvents {

    private RowEvents() {}

    /**
     * The events of a change, in order.
     *
     * <p>A change of the primary key is a removal and a new row. A row without primary key is known
     * by its content, so its update, too, is a removal and a new row; this needs the whole old row,
     * thus {@code REPLICA IDENTITY FULL}, without which the server refuses such updates.
     */
    public static List<RowEvent> of(RowChange change, TenantColumns columns, EventOrder order) {
        List<RowEvent> events = new ArrayList<>(2);
        List<FieldValue> before = change.before();
        List<FieldValue> after = change.after();
        boolean byContent = change.key().isEmpty();
        Digest old = before == null ? null : oldRow(change, before);
        Digest now = after == null ? null : row(change, byContent ? after : change.key());
        if (after == null && !byContent) {
            old = row(change, change.key());
        }
        if (old != null && !old.equals(now)) {
            events.add(removal(change, old, byContent, order));
        }
        if (now != null && after != null && !(byContent && now.equals(old))) {
            events.add(presence(change, now, after, columns, order));
        }
        return events;
    }

    private static RowEvent removal(
            RowChange change, Digest row, boolean byContent, EventOrder order) {
        return new RowEvent(
                change.target(),
                relation(change),
                row,
                byContent,
                true,
                false,
                null,
                null,
                null,
                0,
                0,
                List.of(),
                change.commitTime(),
                order);
    }

    private static RowEvent presence(
            RowChange change,
            Digest row,
            List<FieldValue> after,
            TenantColumns columns,
            EventOrder order) {
        RowSize size = RowSize.of(withOldValues(after, change.before()));
        long bytes = size.bytes();
        Ownership ownership = columns.of(change.target(), relation(change), change.key(), after);
        return new RowEvent(
                change.target(),
                relation(change),
                row,
                change.key().isEmpty(),
                false,
                change.snapshot(),
                ownership.owner(),
                ownership.tenant(),
                ownership.name(),
                bytes,
                size.header(),
                bytes > RowSize.NARROW || size.incomplete() ? size.values() : List.of(),
                change.commitTime(),
                order);
    }

    /** The row with what the update left as it was taken from the old row, where it is logged. */
    private static List<FieldValue> withOldValues(
            List<FieldValue> after, @Nullable List<FieldValue> before) {
        if (before == null || after.stream().noneMatch(FieldValue::unchanged)) {
            return after;
        }
        List<FieldValue> row = new ArrayList<>(after.size());
        for (FieldValue field : after) {
            row.add(
                    field.unchanged()
                            ? before.stream()
                                    .filter(old -> old.name().equals(field.name()))
                                    .filter(old -> old.text() != null)
                                    .findFirst()
                                    .orElse(field)
                            : field);
        }
        return row;
    }

    private static @Nullable Digest oldRow(RowChange change, List<FieldValue> before) {
        if (change.key().isEmpty()) {
            return row(change, before);
        }
        List<FieldValue> key = new ArrayList<>(change.key().size());
        for (FieldValue part : change.key()) {
            for (FieldValue old : before) {
                if (old.name().equals(part.name())) {
                    key.add(old);
                }
            }
        }
        return key.size() == change.key().size() ? row(change, key) : null;
    }

    /** Snapshot and stream may list a key's columns in different orders. */
    private static Digest row(RowChange change, List<FieldValue> identity) {
        List<FieldValue> sorted = new ArrayList<>(identity);
        sorted.sort(Comparator.comparing(FieldValue::name));
        List<String> parts = new ArrayList<>(2 + 2 * sorted.size());
        parts.add(change.target());
        parts.add(relation(change));
        for (FieldValue field : sorted) {
            String text = field.text();
            if (text != null) {
                parts.add(field.name());
                parts.add(text);
            }
        }
        return Digest.of(parts);
    }

    /** The table with its schema. */
    public static String relation(RowChange change) {
        return change.schema() + '.' + change.table();
    }
}
