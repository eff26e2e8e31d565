package io.onevault.benchmarks.vault;

import io.onevault.connectors.vault.HashKey;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.jobs.metrics.MetricWindow;
import io.onevault.jobs.vault.MetricWindowRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Windows as a pipeline would bring them to the vault: minute by minute, in each all series, so
 * that nearly every row ends the one before it.
 */
final class SampleRows {

    /** Series a batch of the sink holds once each, which makes end-dating as dear as it gets. */
    static final int SERIES = 5_000;

    private static final long START = 1_760_000_040_000L;
    private static final int WINDOW_SECONDS = 60;
    private static final long SEED = 7;

    /**
     * A row and the hashes that its peers need ready-made, for they do not compute any.
     *
     * @param hashKey of the hub
     * @param difference of the payload; stands for the vault's own, of the same length
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared; written as they are.
    record Hashed(VaultRow row, byte[] hashKey, byte[] difference) {}

    private SampleRows() {}

    /** The first {@code count} rows; the same ones in every call. */
    static List<Hashed> first(int count) {
        Random random = new Random(SEED);
        Map<String, byte[]> keys = new HashMap<>();
        List<Hashed> rows = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            VaultRow row = MetricWindowRows.row(window(i % SERIES, i / SERIES, random));
            byte[] key = keys.computeIfAbsent(row.businessKey(), HashKey::of);
            rows.add(new Hashed(row, key, HashKey.of(row.payload().toString())));
        }
        return rows;
    }

    private static MetricWindow window(int series, int minute, Random random) {
        String target = "server-" + series % 20;
        String tenant = "tenant-" + series % 50;
        String relation = "relation_" + series;
        double mean = 100 + 10 * random.nextGaussian();
        long start = START + minute * WINDOW_SECONDS * 1000L;
        return new MetricWindow(
                target + "|" + tenant + "|table_rows_read|relation=" + relation + "|schema=public",
                target,
                tenant,
                "table_rows_read",
                Map.of("schema", "public", "relation", relation),
                "PERFORMANCE",
                "per_second",
                start,
                WINDOW_SECONDS,
                6,
                start - 10_000,
                mean - 20 * random.nextDouble(),
                mean + 20 * random.nextDouble(),
                mean,
                mean + random.nextGaussian(),
                mean + random.nextGaussian(),
                mean + 10 * random.nextDouble(),
                mean + 15 * random.nextDouble(),
                "NORMAL",
                150,
                200,
                start + 59_000,
                "",
                0);
    }
}
