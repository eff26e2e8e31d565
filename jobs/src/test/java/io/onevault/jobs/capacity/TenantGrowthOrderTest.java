package io.onevault.jobs.capacity;

import static io.onevault.jobs.capacity.Rows.T0;
import static io.onevault.jobs.capacity.Rows.asset;
import static io.onevault.jobs.capacity.Rows.delete;
import static io.onevault.jobs.capacity.Rows.details;
import static io.onevault.jobs.capacity.Rows.insert;
import static io.onevault.jobs.capacity.Rows.truncate;
import static io.onevault.jobs.capacity.Rows.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same changes, however they come within what commits order, make the same series. */
class TenantGrowthOrderTest {

    private static final long MINUTE = 60_000L;
    private static final int HOURS = 4;

    /** What the tables hold, known by the test alone. */
    private final Map<String, String> tenantOfAsset = new HashMap<>();

    private final Map<String, String> details = new HashMap<>();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void totalsAreThoseOfTheTables(long seed) throws Exception {
        List<List<CdcRecord>> hours = history(new Random(seed));
        List<ResourceUtilization> first = run(hours, seed, seed);
        assertThat(run(hours, seed, seed + 100)).as("another network").isEqualTo(first);
        assertThat(run(hours, seed + 200, seed)).as("tables read apart").isEqualTo(first);
        Map<String, Long> expected = expected();
        Map<String, Long> counted = new HashMap<>();
        for (ResourceUtilization u : first) {
            if (!u.objectName().isEmpty()) {
                counted.put(u.tenant() + "/" + u.objectName(), u.rowCount());
            }
        }
        counted.values().removeIf(rows -> rows == 0);
        assertThat(counted).isEqualTo(expected);
    }

    private static List<ResourceUtilization> run(
            List<List<CdcRecord>> hours, long tables, long network) throws Exception {
        Random random = new Random(tables);
        try (GrowthPipeline growth = GrowthPipeline.hourly(network)) {
            for (int hour = 0; hour < hours.size(); hour++) {
                for (CdcRecord record : interleaved(hours.get(hour), random)) {
                    growth.send(record);
                }
                growth.hourEnds(hour);
            }
            List<ResourceUtilization> reported = new ArrayList<>(growth.reported());
            reported.sort(
                    Comparator.comparingLong(ResourceUtilization::periodStart)
                            .thenComparing(ResourceUtilization::series));
            return reported;
        }
    }

    /** Another order of all changes that keeps that of each table. */
    private static List<CdcRecord> interleaved(List<CdcRecord> changes, Random random) {
        Map<String, List<CdcRecord>> byTable = new TreeMap<>();
        for (CdcRecord record : changes) {
            byTable.computeIfAbsent(record.change().table(), name -> new ArrayList<>()).add(record);
        }
        List<List<CdcRecord>> rest = new ArrayList<>(byTable.values());
        List<CdcRecord> merged = new ArrayList<>();
        while (!rest.isEmpty()) {
            List<CdcRecord> chosen = rest.get(random.nextInt(rest.size()));
            merged.add(chosen.remove(0));
            rest.removeIf(List::isEmpty);
        }
        return merged;
    }

    private List<List<CdcRecord>> history(Random random) {
        List<List<CdcRecord>> hours = new ArrayList<>();
        for (int hour = 0; hour < HOURS; hour++) {
            List<CdcRecord> changes = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                changes.add(step(random, T0 + (hour * 60 + i) * MINUTE));
            }
            hours.add(changes);
        }
        return hours;
    }

    private CdcRecord step(Random random, long time) {
        String asset = "asset" + random.nextInt(12);
        String tenant = random.nextInt(8) == 0 ? null : "t" + random.nextInt(3);
        if (random.nextInt(40) == 0) {
            details.clear();
            return truncate("asset_s", time);
        }
        if (random.nextInt(100) == 0) {
            tenantOfAsset.clear();
            return truncate("asset_h", time);
        }
        return random.nextBoolean()
                ? hubStep(random, asset, tenant, time)
                : detailsStep(random, asset, random.nextInt(3), time);
    }

    private CdcRecord hubStep(Random random, String asset, String tenant, long time) {
        boolean there = tenantOfAsset.containsKey(asset);
        if (there && random.nextInt(4) == 0) {
            tenantOfAsset.remove(asset);
            return delete("asset_h", 1, time, asset(asset, tenant));
        }
        tenantOfAsset.put(asset, tenant == null ? "" : tenant);
        return there
                ? update("asset_h", 1, time, asset(asset, tenant))
                : insert("asset_h", 1, time, asset(asset, tenant));
    }

    private CdcRecord detailsStep(Random random, String asset, int version, long time) {
        String name = "n".repeat(random.nextInt(50));
        String key = asset + "/" + version;
        if (details.containsKey(key) && random.nextInt(3) == 0) {
            details.remove(key);
            return delete("asset_s", 2, time, details(asset, version, name));
        }
        return details.put(key, asset) != null
                ? update("asset_s", 2, time, details(asset, version, name))
                : insert("asset_s", 2, time, details(asset, version, name));
    }

    private Map<String, Long> expected() {
        Map<String, Long> expected = new HashMap<>();
        tenantOfAsset
                .values()
                .forEach(tenant -> expected.merge(tenant + "/asset_h", 1L, Long::sum));
        for (String asset : details.values()) {
            expected.merge(tenantOfAsset.getOrDefault(asset, "") + "/asset_s", 1L, Long::sum);
        }
        return expected;
    }
}
