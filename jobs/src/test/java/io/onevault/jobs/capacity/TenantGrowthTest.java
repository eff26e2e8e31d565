package io.onevault.jobs.capacity;

import static io.onevault.jobs.capacity.Rows.T0;
import static io.onevault.jobs.capacity.Rows.asset;
import static io.onevault.jobs.capacity.Rows.begin;
import static io.onevault.jobs.capacity.Rows.delete;
import static io.onevault.jobs.capacity.Rows.details;
import static io.onevault.jobs.capacity.Rows.end;
import static io.onevault.jobs.capacity.Rows.field;
import static io.onevault.jobs.capacity.Rows.insert;
import static io.onevault.jobs.capacity.Rows.link;
import static io.onevault.jobs.capacity.Rows.read;
import static io.onevault.jobs.capacity.Rows.tenant;
import static io.onevault.jobs.capacity.Rows.truncate;
import static io.onevault.jobs.capacity.Rows.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.FieldValue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What changes of rows make of tenants' series, over all steps of the topology. */
class TenantGrowthTest {

    private static final long HOUR = 3_600_000L;

    // Header of 24 bytes, each text with one byte of its own, integers at multiples of four.
    private static final String HUB_ROW = "1 rows, 34 bytes";
    private static final String DETAILS_ROW = "1 rows, 35 bytes";

    private GrowthPipeline growth;

    @BeforeEach
    void open() throws Exception {
        growth = GrowthPipeline.hourly(1);
    }

    @AfterEach
    void close() throws Exception {
        assertThat(growth.reported())
                .as("one report for each series and period")
                .extracting(u -> u.series() + " " + u.periodStart())
                .doesNotHaveDuplicates();
        growth.close();
    }

    @Test
    void satellitesAndLinksBelongToTheTenantOfTheirHub() throws Exception {
        growth.send(
                        insert("asset_h", 1, T0, asset("a", "t1")),
                        insert("asset_s", 2, T0, details("a", 1, "x")),
                        insert("asset_user_l", 1, T0, link("l", "a")))
                .hourEnds(0);
        assertThat(growth.standing())
                .isEqualTo(
                        Map.of(
                                "t1/asset_h",
                                HUB_ROW,
                                "t1/asset_s",
                                "1 rows, 34 bytes",
                                "t1/asset_user_l",
                                "1 rows, 28 bytes",
                                "t1/",
                                "3 rows, 96 bytes"));
    }

    @Test
    void rowsWaitVisiblyForTheirHub() throws Exception {
        growth.send(insert("asset_s", 2, T0, details("a", 1, "x"))).hourEnds(0);
        assertThat(growth.standing()).containsOnlyKeys("/asset_s", "/");
        growth.send(insert("asset_h", 1, T0 + HOUR, asset("a", "t1"))).hourEnds(1);
        assertThat(growth.standing()).containsOnlyKeys("t1/asset_h", "t1/asset_s", "t1/");
    }

    @Test
    void hubThatMovesTakesItsRowsAlong() throws Exception {
        growth.send(
                        insert("asset_h", 1, T0, asset("a", "t1")),
                        insert("asset_s", 2, T0, details("a", 1, "x")))
                .hourEnds(0);
        growth.send(update("asset_h", 1, T0 + HOUR, asset("a", "t2"))).hourEnds(1);
        assertThat(growth.standing()).containsOnlyKeys("t2/asset_h", "t2/asset_s", "t2/");
        growth.send(update("asset_h", 1, T0 + 2 * HOUR, asset("a", null))).hourEnds(2);
        assertThat(growth.standing()).containsOnlyKeys("/asset_h", "/asset_s", "/");
    }

    @Test
    void hubThatIsDeletedLeavesItsRowsToNobody() throws Exception {
        growth.send(
                        insert("asset_h", 1, T0, asset("a", "t1")),
                        insert("asset_s", 2, T0, details("a", 1, "x")))
                .hourEnds(0);
        growth.send(delete("asset_h", 1, T0 + HOUR, asset("a", "t1"))).hourEnds(1);
        assertThat(growth.standing()).containsOnlyKeys("/asset_s", "/");
    }

    @Test
    void updateAndDeleteOfALinkNeedNoOldRow() throws Exception {
        growth.send(
                        insert("asset_h", 1, T0, asset("a", "t1")),
                        insert("asset_h", 1, T0, asset("b", "t2")),
                        insert("asset_user_l", 1, T0, link("l", "a")),
                        update("asset_user_l", 1, T0, link("l", "b")))
                .hourEnds(0);
        assertThat(growth.standing()).containsKey("t2/asset_user_l");
        assertThat(growth.standing()).doesNotContainKey("t1/asset_user_l");
        growth.send(delete("asset_user_l", 1, T0 + HOUR, link("l", "b"))).hourEnds(1);
        assertThat(growth.standing()).doesNotContainKey("t2/asset_user_l");
    }

    @Test
    void changeOfTheKeyMovesTheRow() throws Exception {
        growth.send(
                        insert("asset_h", 1, T0, asset("a", "t1")),
                        insert("asset_s", 2, T0, details("a", 1, "x")),
                        update("asset_s", 2, T0, details("a", 1, "x"), details("a", 2, "xy")))
                .hourEnds(0);
        assertThat(growth.standing()).containsEntry("t1/asset_s", DETAILS_ROW);
    }

    @Test
    void truncateEndsAllRowsOfItsTableAndNoOther() throws Exception {
        growth.send(
                        insert("asset_h", 1, T0, asset("a", "t1")),
                        insert("asset_s", 2, T0, details("a", 1, "x")),
                        insert("asset_s", 2, T0, details("a", 2, "x")))
                .hourEnds(0);
        growth.send(
                        insert("asset_s", 2, T0 + HOUR, details("a", 3, "x")),
                        truncate("asset_s", T0 + HOUR),
                        insert("asset_s", 2, T0 + HOUR, details("a", 1, "xy")))
                .hourEnds(1);
        assertThat(growth.standing())
                .containsEntry("t1/asset_s", DETAILS_ROW)
                .containsEntry("t1/asset_h", HUB_ROW);
    }

    @Test
    void newSnapshotCountsNothingTwiceAndForgetsWhatItDoesNotConfirm() throws Exception {
        growth.send(
                        begin(10, T0),
                        read("asset_h", 1, T0, asset("a", "t1")),
                        read("asset_h", 1, T0, asset("b", "t2")),
                        read("log", 0, T0, List.of(field("line", "same"))),
                        read("log", 0, T0, List.of(field("line", "same"))),
                        begin(20, T0),
                        read("asset_h", 1, T0, asset("a", "t1")),
                        read("asset_h", 1, T0, asset("b", "t2")),
                        read("log", 0, T0, List.of(field("line", "same"))),
                        end(20, T0),
                        insert("asset_h", 1, T0, asset("c", "t1")))
                .hourEnds(0);
        assertThat(growth.standing())
                .containsEntry("/log", "1 rows, 29 bytes")
                .containsEntry("t1/asset_h", "2 rows, 68 bytes")
                .containsEntry("t2/asset_h", HUB_ROW);
        growth.send(
                        begin(30, T0 + HOUR),
                        read("asset_h", 1, T0 + HOUR, asset("c", "t1")),
                        end(30, T0 + HOUR))
                .hourEnds(1);
        assertThat(growth.standing()).containsOnlyKeys("t1/asset_h", "t1/");
    }

    @Test
    void rowsWithoutKeyAreCountedByTheirContent() throws Exception {
        List<FieldValue> one = List.of(field("line", "one"));
        List<FieldValue> two = List.of(field("line", "twoo"));
        growth.send(
                        insert("log", 0, T0, one),
                        insert("log", 0, T0, one),
                        insert("log", 0, T0, one),
                        update("log", 0, T0, one, two),
                        delete("log", 0, T0, one))
                .hourEnds(0);
        assertThat(growth.standing()).containsEntry("/log", "2 rows, 57 bytes");
    }

    @Test
    void valueThatWasNotSentKeepsItsSize() throws Exception {
        FieldValue large = field("name", "x".repeat(5_000));
        FieldValue unchanged = new FieldValue("name", "text", null, true);
        List<FieldValue> key = details("a", 1, "").subList(0, 2);
        List<FieldValue> full = List.of(key.get(0), key.get(1), large, field("more", ""));
        List<FieldValue> partial =
                List.of(key.get(0), key.get(1), unchanged, field("more", "1234"));
        growth.send(insert("asset_s", 2, T0, full)).hourEnds(0);
        assertThat(growth.standing()).containsEntry("/asset_s", "1 rows, 5037 bytes");
        growth.send(
                        update("asset_s", 2, T0 + HOUR, partial),
                        update("asset_s", 2, T0 + HOUR, partial))
                .hourEnds(1);
        assertThat(growth.standing()).containsEntry("/asset_s", "1 rows, 5041 bytes");
    }

    @Test
    void tenantIsCalledByItsBusinessKeyOnceThatIsKnown() throws Exception {
        growth.send(insert("asset_h", 1, T0, asset("a", "\\x01"))).hourEnds(0);
        growth.send(insert("tenant_h", 1, T0 + HOUR, tenant("\\x01", "acme"))).hourEnds(1);
        assertThat(growth.standing()).containsOnlyKeys("acme/asset_h", "acme/tenant_h", "acme/");
        growth.send(delete("tenant_h", 1, T0 + 2 * HOUR, tenant("\\x01", "acme"))).hourEnds(2);
        assertThat(growth.standing()).containsOnlyKeys("\\x01/asset_h", "\\x01/");
        assertThat(growth.reported().get(0).series()).isEqualTo("prod|\\\\x01|tenant_storage");
    }

    @Test
    void lateChangeCountsInTheOpenPeriod() throws Exception {
        growth.hourEnds(3).send(insert("asset_h", 1, T0, asset("a", "t1"))).hourEnds(4);
        assertThat(growth.reported())
                .hasSize(2)
                .allSatisfy(u -> assertThat(u.periodStart()).isEqualTo(T0 + 4 * HOUR));
    }

    @Test
    void seriesIsReportedOnChangeAndElseOnceADay() throws Exception {
        growth.send(
                        insert("asset_h", 1, T0, asset("a", "t1")),
                        update("asset_h", 1, T0, asset("a", "t1")))
                .hourEnds(0);
        assertThat(growth.reported())
                .hasSize(2)
                .allSatisfy(
                        u -> {
                            assertThat(u.sampleCount()).isEqualTo(2);
                            assertThat(u.change1d()).isNaN();
                            assertThat(u.rowCountChange1d()).isNull();
                        });
        growth.hourEnds(23);
        assertThat(growth.reported()).hasSize(2);
        growth.hourEnds(24);
        assertThat(growth.reported())
                .hasSize(4)
                .last()
                .satisfies(
                        u -> {
                            assertThat(u.periodStart()).isEqualTo(T0 + 24 * HOUR);
                            assertThat(u.sampleCount()).isZero();
                            assertThat(u.change1d()).isZero();
                        });
        growth.hourEnds(24 * 8);
        assertThat(growth.reported()).hasSize(18);
        growth.send(insert("asset_h", 1, T0 + 24 * 9 * HOUR, asset("b", "t1"))).hourEnds(24 * 9);
        assertThat(growth.reported())
                .last()
                .satisfies(
                        u -> {
                            assertThat(u.change7d()).isEqualTo(34);
                            assertThat(u.growthPerDay()).isEqualTo(34 / 7.0);
                            assertThat(u.rowCountChange1d()).isEqualTo(1);
                        });
    }

    @Test
    void periodsOfADrainedJobAreReportedOnce() throws Exception {
        growth.send(insert("asset_h", 1, T0, asset("a", "t1"))).watermark(Long.MAX_VALUE);
        assertThat(growth.reported()).hasSize(2);
    }

    @Test
    void everyTableIsReportedWithinADay() throws Exception {
        growth.send(insert("asset_h", 1, T0, asset("a", "t1"))).hourEnds(0);
        growth.send(insert("asset_s", 2, T0 + 5 * HOUR, details("a", 1, "x"))).hourEnds(5);
        growth.hourEnds(24 * 3 + 6);
        assertThat(growth.reported())
                .filteredOn(u -> u.objectName().equals("asset_h"))
                .extracting(u -> (u.periodStart() - T0) / HOUR)
                .containsExactly(0L, 24L, 48L, 72L);
        assertThat(growth.reported())
                .filteredOn(u -> u.objectName().equals("asset_s"))
                .extracting(u -> (u.periodStart() - T0) / HOUR)
                .containsExactly(5L, 29L, 53L, 77L);
    }

    @Test
    void nothingIsLeftOfRowsThatAreGone() throws Exception {
        growth.send(
                        begin(1, T0),
                        read("asset_h", 1, T0, asset("a", "t1")),
                        read("asset_s", 2, T0, details("a", 1, "x")),
                        end(1, T0),
                        insert("tenant_h", 1, T0, tenant("t1", "acme")),
                        insert("log", 0, T0, List.of(field("line", "one"))))
                .hourEnds(0);
        assertThat(growth.stateEntries()).isGreaterThan(10);
        growth.send(
                        delete("asset_h", 1, T0 + HOUR, asset("a", "t1")),
                        delete("asset_s", 2, T0 + HOUR, details("a", 1, "x")),
                        delete("tenant_h", 1, T0 + HOUR, tenant("t1", "acme")),
                        truncate("log", T0 + HOUR))
                .hourEnds(1);
        assertThat(growth.standing()).isEmpty();
        growth.watermark(T0 + TenantGrowthSettings.DEFAULT.expiry().toMillis() * 3);
        assertThat(growth.stateEntries()).isZero();
    }
}
