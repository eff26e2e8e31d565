package io.onevault.connectors.vault;

import io.onevault.connectors.vault.VaultTable.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows without duplicates, ordered by hub and time as every writer orders them, and what of their
 * hubs is known. Used by one thread.
 *
 * @param hubs by business key
 * @param versions the satellite rows to be
 */
record VaultBatch(Map<String, VaultBatch.Hub> hubs, List<VaultBatch.Version> versions) {

    static VaultBatch of(VaultTable table, List<VaultRow> rows) {
        Map<String, Hub> hubs = new HashMap<>();
        Map<String, Map<Long, Version>> byHub = new HashMap<>();
        List<Integer> rank = rankIndexes(table);
        for (VaultRow row : rows) {
            String businessKey = Storable.text(row.businessKey());
            Hub hub = hubs.computeIfAbsent(businessKey, key -> new Hub(key, table.hashKey(key)));
            hub.add(row);
            Version version = new Version(hub.hashKey, row, Storable.payload(row.payload()));
            byHub.computeIfAbsent(businessKey, key -> new HashMap<>())
                    .merge(row.loadDate(), version, (a, b) -> compare(a, b, rank) >= 0 ? a : b);
        }
        List<Version> versions = new ArrayList<>(rows.size());
        for (Map<Long, Version> ofHub : byHub.values()) {
            List<Version> ordered = new ArrayList<>(ofHub.values());
            ordered.sort(Comparator.comparingLong(v -> v.loadDate));
            for (int i = 0; i + 1 < ordered.size(); i++) {
                ordered.get(i).loadEndDate = ordered.get(i + 1).loadDate;
            }
            versions.addAll(ordered);
        }
        versions.sort(
                Comparator.<Version, byte[]>comparing(v -> v.hashKey, Arrays::compareUnsigned)
                        .thenComparingLong(v -> v.loadDate));
        return new VaultBatch(hubs, versions);
    }

    private static List<Integer> rankIndexes(VaultTable table) {
        List<String> names = table.columns().stream().map(Column::name).toList();
        return table.rank().stream().map(names::indexOf).toList();
    }

    @SuppressWarnings("unchecked")
    private static int compare(Version a, Version b, List<Integer> rank) {
        for (int index : rank) {
            Comparable<Object> left = (Comparable<Object>) a.payload.get(index);
            Object right = b.payload.get(index);
            if (left == null || right == null) {
                throw new IllegalArgumentException("a rank column holds null");
            }
            int order = left.compareTo(right);
            if (order != 0) {
                return order;
            }
        }
        return Arrays.compareUnsigned(a.difference, b.difference);
    }

    /**
     * What stands in the vault of a hub once a batch is committed, milliseconds since the epoch.
     *
     * @param loadDate at most what the hub's row says
     * @param latest of its open satellite row, unless another writer wrote since
     * @param tenant of the hub, empty for none; where another writer wrote it may have none by now
     */
    record Known(long loadDate, long latest, String tenant) {}

    /** A hub as the batch knows it. */
    static final class Hub {
        final String businessKey;
        final byte[] hashKey;
        @Nullable String tenant;
        @Nullable Known known;
        long latest = Long.MIN_VALUE;
        long loadDate = Long.MAX_VALUE;
        long lastLoadDate = Long.MIN_VALUE;

        Hub(String businessKey, byte[] hashKey) {
            this.businessKey = businessKey;
            this.hashKey = hashKey;
        }

        void add(VaultRow row) {
            String of = row.tenant() == null ? "" : row.tenant();
            tenant = tenant == null || tenant.equals(of) ? of : "";
            loadDate = Math.min(loadDate, row.loadDate());
            lastLoadDate = Math.max(lastLoadDate, row.loadDate());
        }

        /** That of all its rows in the batch, empty for none. */
        String tenant() {
            return tenant == null ? "" : tenant;
        }

        byte @Nullable [] tenantKey() {
            return tenant().isEmpty() ? null : HashKey.ofTenant(tenant());
        }

        boolean hasNoRow() {
            return latest == Long.MIN_VALUE;
        }

        /** Whether the vault may have to learn of its tenant. */
        boolean mayChangeTenant() {
            return known == null || !known.tenant.isEmpty() && !known.tenant.equals(tenant());
        }

        Known written() {
            return new Known(
                    known == null ? loadDate : Math.min(known.loadDate, loadDate),
                    Math.max(latest, lastLoadDate),
                    known == null || known.tenant.equals(tenant()) ? tenant() : "");
        }
    }

    /** A satellite row to be. */
    static final class Version {
        final byte[] hashKey;
        final long loadDate;
        final List<@Nullable Object> payload;
        final byte[] difference;
        @Nullable Long loadEndDate;

        Version(byte[] hashKey, VaultRow row, List<@Nullable Object> payload) {
            this.hashKey = hashKey;
            this.loadDate = row.loadDate();
            this.payload = payload;
            this.difference = HashKey.difference(payload);
        }
    }
}
