package io.onevault.jobs.alerts.inhibition;

import static io.onevault.jobs.alerts.inhibition.Symptoms.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.vault.HashKey;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import io.onevault.jobs.alerts.lifecycle.BusinessHours;
import io.onevault.jobs.alerts.lifecycle.Earlier;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.lifecycle.Severity;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExplainAlertsTest {

    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final String REPEATED = "told before, ended less than 5 min ago";

    private static final LifecycleSettings TOGETHER =
            together(Map.of("pool", "shop", "eu", "shop"));

    private static final AlertSubject ROOT =
            subject("blocked", "shop||waiting_for_lock", "pool.*|replica behind");
    private static final AlertSubject POOL = subject("pool wait", "shop||pool_wait", "");
    private static final AlertSubject LAG = subject("replica behind", "shop||lag", "");
    private static final AlertSubject DISK = subject("disk", "shop||disk", "");
    private static final AlertSubject DOWN = subject("down", "shop||target_up", ".*");

    private KeyedOneInputStreamOperatorTestHarness<String, AlertInstance, AlertInstance> harness;
    private final Map<String, Long> firedAt = new HashMap<>();
    private long clock;
    private int heard;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
        harness.setProcessingTime(T0);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @ParameterizedTest
    @ValueSource(classes = {HeldAlert.class, HeldSeries.class, Cause.class, TargetCauses.class})
    void isKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void stateFromBeforeCausesHadLabelsIsRead() throws Exception {
        // As the serialiser makes a record of state that lacks a column.
        Cause old =
                new Cause(
                        "k", "s", "r", "rule", "m", "", "", "shop", true, null, 0, false, false, "",
                        Map.of());
        assertThat(old.labels()).isEmpty();
    }

    @Test
    void whatNothingExplainsIsToldAfterAMoment() throws Exception {
        fires(DISK);
        pass(ExplainAlerts.WAIT_MILLIS - 50);
        assertThat(heard()).isEmpty();
        pass(100);
        assertThat(heard()).containsExactly("disk FIRING");
        over(DISK);
        assertThat(heard()).containsExactly("disk RESOLVED");
        assertThatNothingIsKept();
    }

    @Test
    void symptomsAreNotToldAndTheirCauseSaysSo() throws Exception {
        fires(POOL);
        pass(100);
        fires(ROOT);
        pass(1_000);
        assertThat(heard())
                .containsExactly(
                        "pool wait SUPPRESSED by " + alert(ROOT),
                        "blocked FIRING; explains 1 other: pool wait");
        fires(LAG);
        fires(DISK);
        pass(1_000);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "replica behind SUPPRESSED by " + alert(ROOT),
                        "disk FIRING",
                        "blocked FIRING; explains 2 others: pool wait, replica behind");
        over(POOL);
        pass(1_000);
        assertThat(heard())
                .containsExactly(
                        "pool wait RESOLVED by " + alert(ROOT) + " untold",
                        "blocked FIRING; explains 1 other: replica behind");
        over(ROOT);
        assertThat(heard()).containsExactly("blocked RESOLVED; explains 1 other: replica behind");
        pass(1_000);
        assertThat(heard()).as("its next value may say that it is over too").isEmpty();
        pass(1_000);
        assertThat(heard()).containsExactly("replica behind FIRING");
        over(LAG);
        over(DISK);
        pass(1_000);
        assertThat(heard()).containsExactly("replica behind RESOLVED", "disk RESOLVED");
        harness.processWatermark(new Watermark(T0 + clock + 6 * 60_000));
        assertThatNothingIsKept();
    }

    @Test
    void whatWasToldBeforeItsCauseStaysTold() throws Exception {
        fires(POOL);
        pass(1_000);
        fires(ROOT);
        pass(1_000);
        assertThat(heard()).containsExactly("pool wait FIRING", "blocked FIRING");
    }

    @Test
    void aSymptomThatFiredWellBeforeItsCauseIsToldHoweverFastBothCome() throws Exception {
        harness.processElement(
                new StreamRecord<>(
                        Symptoms.alert(
                                POOL, AlertStatus.FIRING, Severity.WARNING, 0, 0, true, "")));
        harness.processElement(
                new StreamRecord<>(
                        Symptoms.alert(
                                ROOT,
                                AlertStatus.FIRING,
                                Severity.WARNING,
                                5_000,
                                5_000,
                                true,
                                "")));
        pass(1_000);
        assertThat(heard()).containsExactly("pool wait FIRING", "blocked FIRING");
    }

    @Test
    void oneCauseAfterAnotherHidesNothingForEver() throws Exception {
        fires(ROOT);
        fires(POOL);
        pass(1_000);
        fires(DOWN);
        pass(1_000);
        over(ROOT);
        pass(2_000);
        assertThat(heard()).contains("down FIRING").endsWith("pool wait FIRING");
    }

    @Test
    void whatExplainsItsCauseExplainsIt() throws Exception {
        fires(POOL);
        pass(200);
        fires(ROOT);
        pass(200);
        fires(DOWN);
        pass(1_000);
        over(ROOT);
        pass(2_000);
        assertThat(heard())
                .contains("pool wait SUPPRESSED by " + alert(ROOT))
                .contains("blocked SUPPRESSED by " + alert(DOWN) + "; explains 1 other: pool wait")
                .contains("pool wait SUPPRESSED by " + alert(DOWN))
                .doesNotContain("pool wait FIRING");
    }

    @Test
    void anotherSlotIsNotExplained() throws Exception {
        AlertSubject lost = subject("lost", "shop||slot_lost|slot=a", "slot_inactive");
        fires(lost);
        fires(subject("unread a", "shop||slot_inactive|slot=a", ""));
        fires(subject("unread b", "shop||slot_inactive|slot=b", ""));
        pass(1_000);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "unread a SUPPRESSED by " + alert(lost),
                        "unread b FIRING",
                        "lost FIRING; explains 1 other: unread a");
    }

    @Test
    void whatWaitedForLongIsToldWithTheTimeOfThat() throws Exception {
        fires(ROOT);
        fires(POOL);
        pass(1_000);
        clock = 7_200_000;
        harness.processWatermark(new Watermark(T0 + clock - 500));
        over(ROOT);
        pass(2_000);
        List<AlertInstance> all = harness.extractOutputValues();
        AlertInstance told = all.get(all.size() - 1);
        assertThat(said(told)).isEqualTo("pool wait FIRING");
        assertThat(told.at()).isEqualTo(T0 + 7_200_000 - 500);
        assertThat(told.firedAt()).isEqualTo(T0);
        harness.processWatermark(Watermark.MAX_WATERMARK);
        over(POOL);
        assertThat(heard()).endsWith("pool wait RESOLVED");
    }

    @Test
    void whatItsCauseKeptUntilTheNightWaitsForTheMorning() throws Exception {
        AlertSubject day = subject("by day", "shop||pool_day", "replica behind");
        AlertSubject cause = subject("cause", "shop||cause", "by day");
        fires(cause);
        fires(day);
        pass(14 * HOUR);
        over(cause);
        pass(10_000);
        assertThat(heard())
                .contains("by day SUPPRESSED by " + alert(cause))
                .endsWith("by day SUPPRESSED by outside business hours");
        fires(LAG);
        pass(1_000);
        assertThat(heard()).as("nobody hears of it").containsExactly("replica behind FIRING");
        restart();
        pass(5 * HOUR);
        assertThat(heard()).isEmpty();
        pass(HOUR);
        assertThat(heard()).containsExactly("by day FIRING");
        over(day);
        over(LAG);
        pass(1_000);
        harness.processWatermark(new Watermark(T0 + clock + 6 * 60_000));
        assertThatNothingIsKept();
    }

    @Test
    void whatTheMorningBringsIsExplainedAsAtAnyOtherTime() throws Exception {
        AlertSubject cause = subject("by day root", "shop||waiting_for_lock", "by day (pool|lag)");
        AlertSubject pool = subject("by day pool", "shop||pool_wait", "");
        AlertSubject lag = subject("by day lag", "shop||lag", "");
        pass(8 * HOUR);
        for (AlertSubject each : List.of(pool, lag, cause)) {
            send(each, AlertStatus.SUPPRESSED, Severity.WARNING, BusinessHours.OUTSIDE);
        }
        pass(12 * HOUR);
        heard();
        fires(pool);
        pass(100);
        fires(cause);
        fires(lag);
        pass(1_000);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "by day pool SUPPRESSED by " + alert(cause),
                        "by day lag SUPPRESSED by " + alert(cause),
                        "by day root FIRING; explains 2 others: by day lag, by day pool");
    }

    @Test
    void whatWaitsForTheSameMorningAsItsCauseIsExplainedByIt() throws Exception {
        AlertSubject cause = subject("by day root", "shop||waiting_for_lock", "by day pool");
        AlertSubject pool = subject("by day pool", "shop||pool_wait", "");
        fires(DOWN);
        fires(cause);
        fires(pool);
        pass(14 * HOUR);
        over(DOWN);
        pass(10_000);
        assertThat(heard())
                .endsWith("by day pool SUPPRESSED by outside business hours")
                .anyMatch(said -> said.startsWith("by day root SUPPRESSED by outside"));
        pass(6 * HOUR);
        assertThat(heard())
                .containsExactly(
                        "by day pool SUPPRESSED by " + alert(cause),
                        "by day root FIRING; explains 1 other: by day pool");
    }

    @Test
    void hoursThatBeganAndEndedWhileTheJobWasDownTellNothing() throws Exception {
        AlertSubject day = subject("by day", "shop||pool_day", "");
        fires(DOWN);
        fires(day);
        pass(14 * HOUR);
        over(DOWN);
        pass(10_000);
        assertThat(heard()).endsWith("by day SUPPRESSED by outside business hours");
        restartAfter(18 * HOUR);
        pass(1_000);
        assertThat(heard()).as("it is evening again").isEmpty();
        pass(12 * HOUR);
        assertThat(heard()).containsExactly("by day FIRING");
    }

    @Test
    void otherTargetsTenantsAndDatabasesAreNotExplained() throws Exception {
        AlertSubject root = subject("root", "shop|acme|waiting|database=app", ".*");
        fires(root);
        fires(subject("same", "shop|acme|a|database=app", ""));
        fires(subject("wide", "shop|acme|a", ""));
        fires(subject("tenant", "shop|other|a|database=app", ""));
        fires(subject("database", "shop|acme|b|database=pay", ""));
        fires(subject("target", "bank|acme|a|database=app", ""));
        pass(1_000);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "same SUPPRESSED by " + alert(root),
                        "wide SUPPRESSED by " + alert(root),
                        "tenant FIRING",
                        "database FIRING",
                        "target FIRING",
                        "root FIRING; explains 2 others: same, wide");
    }

    @Test
    void aServerExplainsItsPoolAndAPoolOnlyItself() throws Exception {
        AlertSubject pool = subject("pool down", "pool||target_up", ".*");
        fires(pool);
        fires(DISK);
        fires(subject("pool wait", "pool||pool_wait", ""));
        fires(subject("late", "eu||lag", ""));
        pass(1_000);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "disk FIRING",
                        "pool wait SUPPRESSED by " + alert(pool),
                        "late FIRING",
                        "pool down FIRING; explains 1 other: pool wait");
        fires(DOWN);
        fires(subject("slow", "pool||latency", ""));
        fires(subject("slow", "eu||latency", ""));
        pass(1_000);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "slow SUPPRESSED by " + alert(DOWN),
                        "slow SUPPRESSED by " + alert(DOWN),
                        "down FIRING; explains 2 others: slow (2)");
    }

    @Test
    void targetDownExplainsAllAndCausesToo() throws Exception {
        fires(ROOT);
        fires(POOL);
        fires(DOWN);
        pass(1_000);
        assertThat(heard())
                .containsExactly(
                        "pool wait SUPPRESSED by " + alert(DOWN),
                        "blocked SUPPRESSED by " + alert(DOWN),
                        "down FIRING; explains 2 others: blocked, pool wait");
        over(DOWN);
        pass(3_000);
        assertThat(heard())
                .as("the next cause takes over")
                .containsExactly(
                        "down RESOLVED; explains 2 others: blocked, pool wait",
                        "pool wait SUPPRESSED by " + alert(ROOT),
                        "blocked FIRING; explains 1 other: pool wait");
    }

    @Test
    void ofTwoThatExplainEachOtherOneIsTold() throws Exception {
        AlertSubject one = subject("one", "shop||a", "two");
        AlertSubject two = subject("two", "shop||b", "one");
        fires(one);
        fires(two);
        pass(1_000);
        assertThat(heard())
                .containsExactly(
                        "two SUPPRESSED by " + alert(one), "one FIRING; explains 1 other: two");
    }

    @Test
    void warningIsExplainedByTheCriticalAlertOfItsSeries() throws Exception {
        AlertSubject level = subject("level", "shop||disk", "");
        AlertSubject rise = subject("rise", "shop||disk", "");
        send(level, AlertStatus.FIRING, Severity.CRITICAL, "");
        fires(rise);
        pass(1_000);
        assertThat(heard())
                .containsExactlyInAnyOrder("level FIRING", "rise SUPPRESSED by " + alert(level));
        send(rise, AlertStatus.FIRING, Severity.CRITICAL, "");
        assertThat(heard()).containsExactly("rise FIRING");
    }

    @Test
    void aWarningHidesNothingCritical() throws Exception {
        fires(ROOT);
        send(POOL, AlertStatus.FIRING, Severity.CRITICAL, "");
        fires(LAG);
        pass(1_000);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "pool wait FIRING",
                        "replica behind SUPPRESSED by " + alert(ROOT),
                        "blocked FIRING; explains 1 other: replica behind");
        send(LAG, AlertStatus.FIRING, Severity.CRITICAL, "");
        assertThat(heard()).as("worse than its cause").containsExactly("replica behind FIRING");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCriticalCauseHidesCriticalAlertsWhileItIsHeard(boolean silenced) throws Exception {
        send(ROOT, AlertStatus.FIRING, Severity.CRITICAL, "");
        send(POOL, AlertStatus.FIRING, Severity.CRITICAL, "");
        fires(LAG);
        pass(1_000);
        send(ROOT, AlertStatus.ACKNOWLEDGED, Severity.CRITICAL, "");
        pass(1_000);
        assertThat(heard())
                .contains("pool wait SUPPRESSED by " + alert(ROOT))
                .doesNotContain("pool wait FIRING");
        if (silenced) {
            String by = "silenced by ann until later: x";
            send(ROOT, AlertStatus.SUPPRESSED, Severity.CRITICAL, by);
        } else {
            send(ROOT, AlertStatus.FIRING, Severity.WARNING, "");
        }
        pass(1_000);
        assertThat(heard()).contains("pool wait FIRING").doesNotContain("replica behind FIRING");
    }

    @Test
    void rulesThatNameTheirInhibitorAreObeyedWhicheverCameFirst() throws Exception {
        AlertSubject named = Symptoms.subject("named", "shop||x", "", List.of("disk"));
        fires(DISK);
        pass(1_000);
        fires(named);
        pass(1_000);
        assertThat(heard())
                .containsExactly(
                        "disk FIRING",
                        "named SUPPRESSED by " + alert(DISK),
                        "disk FIRING; explains 1 other: named");
    }

    @Test
    void aSilencedCauseStillExplainsAndARepeatedOneDoesNot() throws Exception {
        send(ROOT, AlertStatus.SUPPRESSED, Severity.WARNING, "silenced by ann until later: x");
        fires(POOL);
        pass(1_000);
        assertThat(heard())
                .contains("pool wait SUPPRESSED by " + alert(ROOT))
                .doesNotContain("pool wait FIRING");
        send(DOWN, AlertStatus.SUPPRESSED, Severity.WARNING, REPEATED);
        fires(DISK);
        pass(1_000);
        assertThat(heard()).contains("disk FIRING");
    }

    @Test
    void whatEndedUntoldIsNoRepeat() throws Exception {
        fires(ROOT);
        fires(POOL);
        pass(1_000);
        over(POOL);
        over(ROOT);
        pass(1_000);
        heard();
        send(POOL, AlertStatus.SUPPRESSED, Severity.WARNING, REPEATED);
        pass(1_000);
        assertThat(heard()).containsExactly("pool wait FIRING");
        over(POOL);
        assertThat(heard()).containsExactly("pool wait RESOLVED");
        send(POOL, AlertStatus.SUPPRESSED, Severity.WARNING, REPEATED);
        pass(1_000);
        assertThat(heard())
                .as("now it was told")
                .containsExactly("pool wait SUPPRESSED by " + REPEATED);
    }

    @Test
    void notesAreTakenOfWhatIsExplainedToo() throws Exception {
        fires(ROOT);
        fires(POOL);
        pass(1_000);
        send(POOL, AlertStatus.ACKNOWLEDGED, Severity.WARNING, "");
        pass(1_000);
        assertThat(heard()).endsWith("pool wait ACKNOWLEDGED untold", "blocked FIRING");
        send(POOL, AlertStatus.FIRING, Severity.WARNING, "");
        pass(1_000);
        assertThat(heard()).contains("pool wait SUPPRESSED by " + alert(ROOT));
    }

    @Test
    void whatIsOverBeforeItIsDecidedIsStillSaid() throws Exception {
        fires(DISK);
        over(DISK);
        assertThat(heard()).containsExactly("disk FIRING", "disk RESOLVED");
        fires(ROOT);
        fires(POOL);
        over(POOL);
        assertThat(heard())
                .containsExactly(
                        "pool wait SUPPRESSED by " + alert(ROOT),
                        "pool wait RESOLVED by " + alert(ROOT) + " untold");
    }

    @Test
    void whatWasToldBeforeAnythingWaitedStaysTold() throws Exception {
        AlertInstance noted =
                Symptoms.alert(
                        POOL, AlertStatus.ACKNOWLEDGED, Severity.WARNING, 0, 5_000, true, "");
        harness.processElement(new StreamRecord<>(noted));
        harness.processElement(
                new StreamRecord<>(
                        Symptoms.alert(
                                DISK, AlertStatus.FIRING, Severity.CRITICAL, 0, 5_000, true, "")));
        assertThat(heard()).containsExactly("pool wait ACKNOWLEDGED", "disk FIRING");
        fires(ROOT);
        clock = 6_000;
        over(POOL);
        over(DISK);
        assertThat(heard()).containsExactly("pool wait RESOLVED", "disk RESOLVED");
    }

    @Test
    void whatWasExplainedBeforeARestartIsExplainedAnewAndNotTold() throws Exception {
        clock = 60_000;
        takeUp(ROOT, 0, true, "");
        takeUp(POOL, 100, false, "");
        assertThat(heard()).containsExactly("blocked FIRING");
        pass(1_000);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "pool wait SUPPRESSED by " + alert(ROOT),
                        "blocked FIRING; explains 1 other: pool wait");
        over(POOL);
        assertThat(heard()).containsExactly("pool wait RESOLVED by " + alert(ROOT) + " untold");
        over(ROOT);
        pass(1_000);
        harness.processWatermark(T0 + clock + HOUR);
        assertThatNothingIsKept();
    }

    @Test
    void whatWasExplainedBeforeARestartIsToldIfItsCauseIsGone() throws Exception {
        clock = 60_000;
        takeUp(POOL, 100, false, "");
        assertThat(heard()).isEmpty();
        pass(POOL.pollMillis() + ExplainAlerts.WAIT_MILLIS + 25);
        assertThat(heard()).containsExactly("pool wait FIRING");
    }

    @Test
    void whatWasExplainedBeforeARestartWaitsForACauseThatWaitsForItsValue() throws Exception {
        pass(1_000);
        takeUp(POOL, 100, false, "");
        pass(ROOT.pollMillis());
        takeUp(ROOT, 0, true, "");
        pass(1_000);
        assertThat(heard())
                .contains("pool wait SUPPRESSED by " + alert(ROOT))
                .doesNotContain("pool wait FIRING");
        over(POOL);
        over(ROOT);
        pass(1_000);
        harness.processWatermark(T0 + clock + HOUR);
        assertThatNothingIsKept();
    }

    @Test
    void whatWasToldBeforeARestartIsSeenBeforeTheEndOfWhatStoodInForIt() throws Exception {
        clock = 60_000;
        fires(DISK);
        pass(1_000);
        assertThat(heard()).containsExactly("disk FIRING");
        takeUp(subject("disk, as it began", "shop||disk", ""), 60_000, true, DISK.key());
        over(DISK);
        assertThat(heard()).containsExactly("disk, as it began FIRING", "disk RESOLVED");
        assertThat(harness.extractOutputValues())
                .as("so that nobody is told of an end")
                .last()
                .matches(alert -> alert.subject().equals(DISK));
    }

    @Test
    void whatWasExplainedAndToldAfterTheCheckpointNoLongerCountsForItsCause() throws Exception {
        fires(ROOT);
        fires(POOL);
        pass(1_000);
        assertThat(heard()).contains("blocked FIRING; explains 1 other: pool wait");
        restartAfter(1_000);
        takeUp(POOL, 500, true, "");
        pass(1_000);
        assertThat(heard()).containsExactlyInAnyOrder("pool wait FIRING", "blocked FIRING");
    }

    @Test
    void whatWasSilencedAndToldAfterTheCheckpointIsTold() throws Exception {
        send(POOL, AlertStatus.SUPPRESSED, Severity.WARNING, "silenced by ann until later: x");
        restartAfter(1_000);
        takeUp(POOL, 500, true, "");
        assertThat(heard()).containsExactly("pool wait FIRING");
        over(POOL);
        assertThat(heard()).containsExactly("pool wait RESOLVED");
        assertThatNothingIsKept();
    }

    @Test
    void aRuleThatNoLongerExplainsLetsGoWhatItsAlertHides() throws Exception {
        fires(ROOT);
        fires(POOL);
        fires(LAG);
        pass(1_000);
        heard();
        fires(subject("blocked", "shop||waiting_for_lock", "replica behind"));
        pass(1_000);
        assertThat(heard()).contains("pool wait FIRING").doesNotContain("replica behind FIRING");
        fires(subject("blocked", "shop||waiting_for_lock", ""));
        pass(1_000);
        assertThat(heard()).contains("replica behind FIRING");
    }

    @Test
    void restartLosesAndRepeatsNothing() throws Exception {
        fires(ROOT);
        fires(POOL);
        restart();
        pass(1_000);
        assertThat(heard()).hasSize(2);
        restart();
        over(ROOT);
        restart();
        pass(2_000);
        assertThat(heard()).containsExactly("pool wait FIRING");
    }

    @Test
    void aStormIsShownOnceEachAndItsCauseNotForEach() throws Exception {
        fires(DOWN);
        pass(1_000);
        heard();
        int many = 2_000;
        for (int i = 0; i < many; i++) {
            fires(subject("table", "shop||dead_rows|table=t" + i, ""));
        }
        pass(2_000);
        List<String> all = heard();
        assertThat(all.stream().filter(said -> said.startsWith("table SUPPRESSED")).count())
                .isEqualTo(many);
        assertThat(all)
                .hasSizeLessThan(many + 5)
                .endsWith("down FIRING; explains 2000 others: table (2000)");
    }

    private static LifecycleSettings together(Map<String, String> targets) {
        LifecycleSettings plain = LifecycleSettings.DEFAULT;
        return new LifecycleSettings(
                plain.businessHours(),
                plain.staleAfter(),
                plain.flapWindow(),
                plain.flapCount(),
                plain.flapHold(),
                plain.forgetAfter(),
                targets);
    }

    /** With the state on disk, where a list that grows by one would be written as many times. */
    @Test
    void twentyThousandSeriesOfOneMomentAreWokenInAFewSeconds() throws Exception {
        harness.close();
        harness = harness();
        harness.setStateBackend(new EmbeddedRocksDBStateBackend());
        harness.open();
        harness.setProcessingTime(T0);
        int many = 20_000;
        // Of the processor, for others may use it too; 2 to 4 s.
        long began = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < many; i++) {
            fires(subject("table", "shop||dead_rows|table=t" + i, ""));
        }
        assertThat(harness.numProcessingTimeTimers()).isOne();
        pass(1_000);
        assertThat(heard()).hasSize(many);
        assertThat(harness.numProcessingTimeTimers()).isZero();
        long busy = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - began;
        assertThat(Duration.ofNanos(busy)).isLessThan(Duration.ofSeconds(12));
    }

    private static AlertSubject subject(String rule, String series, String explains) {
        return Symptoms.subject(rule, series, explains, List.of());
    }

    private static String alert(AlertSubject cause) {
        return "alert %s (%s)"
                .formatted(HexFormat.of().formatHex(HashKey.of(cause.key())), cause.ruleName());
    }

    private void fires(AlertSubject subject) throws Exception {
        send(subject, AlertStatus.FIRING, Severity.WARNING, "");
    }

    private void over(AlertSubject subject) throws Exception {
        send(subject, AlertStatus.RESOLVED, Severity.WARNING, "");
    }

    private void send(AlertSubject subject, AlertStatus status, Severity severity, String by)
            throws Exception {
        boolean told = !status.equals(AlertStatus.SUPPRESSED);
        long fired = firedAt.computeIfAbsent(subject.key(), key -> clock);
        if (status == AlertStatus.RESOLVED) {
            firedAt.remove(subject.key());
        }
        harness.processElement(
                new StreamRecord<>(
                        Symptoms.alert(subject, status, severity, fired, clock, told, by)));
    }

    /** As the vault had it when it fired. */
    private void takeUp(AlertSubject subject, long fired, boolean told, String insteadOf)
            throws Exception {
        firedAt.put(subject.key(), fired);
        harness.processElement(
                new StreamRecord<>(
                        Symptoms.takenUp(
                                subject,
                                fired,
                                new Earlier(told, insteadOf, "", List.of(), null))));
    }

    /** In steps, as a clock goes: a timer is asked at its time and not after all of it. */
    private void pass(long millis) throws Exception {
        long until = clock + millis;
        long step = millis > MINUTE ? MINUTE : 25;
        while (clock < until) {
            clock = Math.min(until, clock + step);
            harness.setProcessingTime(T0 + clock);
        }
    }

    private void assertThatNothingIsKept() {
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    private void restart() throws Exception {
        restartAfter(0);
    }

    private void restartAfter(long millis) throws Exception {
        clock += millis;
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(snapshot);
        harness.open();
        harness.setProcessingTime(T0 + clock);
        heard = 0;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, AlertInstance, AlertInstance>
            harness() throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new ExplainAlerts(BusinessHours.DEFAULT)),
                alert -> TOGETHER.systemOf(alert.subject().target()),
                Types.STRING);
    }

    private List<String> heard() {
        List<AlertInstance> all = harness.extractOutputValues();
        List<String> said =
                all.subList(heard, all.size()).stream().map(ExplainAlertsTest::said).toList();
        heard = all.size();
        return said;
    }

    private static String said(AlertInstance alert) {
        String own = alert.subject().ruleName() + " is bad";
        boolean odd = alert.status() != AlertStatus.SUPPRESSED && !alert.told();
        return alert.subject().ruleName()
                + " "
                + alert.status()
                + (alert.suppressedBy().isEmpty() ? "" : " by " + alert.suppressedBy())
                + alert.message().substring(own.length())
                + (odd ? " untold" : "");
    }
}
