package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.history.RememberedAlert;
import io.onevault.connectors.history.RememberedIncident;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.inhibition.ExplainAlerts;
import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.BusinessHours;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.testing.TestRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of alerts that the vault has as open and the job's state does not know. */
class TakenUpAlertsTest {

    private static final long T0 = 1_800_000_000_000L;
    private static final String RULE = "busy".repeat(16);
    private static final String SERIES = new SeriesId("shop", "acme", "used_pct", Map.of()).text();

    private KeyedTwoInputStreamOperatorTestHarness<String, LiveValue, AlertOrder, AlertInstance>
            harness;
    private OperatorSubtaskState checkpoint;
    private int forSeconds;
    private List<String> channels = List.of();
    private String suppressedBy = "";
    private String matter = "known by this";
    private boolean noteHeard;
    private @Nullable RememberedIncident incident;
    private long rowAt;
    private double critical = Double.NaN;
    private int suppressionMinutes;
    private List<String> channelsTold = List.of();
    private long version;
    private int heard;

    @BeforeEach
    void open() throws Exception {
        start(null);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void troubleThatGoesOnIsTheSameAlertToItsEnd() throws Exception {
        AlertInstance lost = loseAnAlert();
        takeUp(row(lost));
        assertThat(heard()).containsExactly("FIRING");
        assertThat(last().subject()).isEqualTo(lost.subject());
        assertThat(last().at()).isGreaterThan(lost.at());
        value(130, 95);
        assertThat(heard()).as("nothing new").isEmpty();
        value(140, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        assertThat(last().subject().key()).isEqualTo(lost.subject().key());
        assertNothingIsLeft();
    }

    @Test
    void troubleThatIsOverEndsWithTheNextValue() throws Exception {
        AlertInstance lost = loseAnAlert();
        takeUp(row(lost));
        value(130, 10);
        assertThat(heard()).containsExactly("FIRING", "RESOLVED in order again");
        assertThat(last().subject().key()).isEqualTo(lost.subject().key());
        assertThat(last().told()).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void valuesThatComeFirstBeginNoOtherAlertForLong() throws Exception {
        AlertInstance lost = loseAnAlert();
        value(125, 95);
        AlertInstance anew = last();
        takeUp(row(lost));
        assertThat(heard())
                .containsExactly(
                        "FIRING",
                        "FIRING",
                        "RESOLVED goes on as the alert that began before a restart");
        assertThat(last().subject().key()).isEqualTo(anew.subject().key());
        value(140, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        assertThat(last().subject().key()).isEqualTo(lost.subject().key());
        assertNothingIsLeft();
    }

    @Test
    void whatPeopleWereToldMeanwhileStaysAndTheOtherEnds() throws Exception {
        AlertInstance lost = loseAnAlert();
        value(125, 95);
        AlertInstance anew = last();
        RememberedAlert row = row(lost, "PENDING", 0, 0, 0);
        takeUp(row);
        assertThat(heard())
                .containsExactly("FIRING", "RESOLVED goes on as the alert that was told meanwhile");
        assertThat(last().subject().key()).isEqualTo(lost.subject().key());
        value(140, 10);
        assertThat(last().subject().key()).isEqualTo(anew.subject().key());
        assertNothingIsLeft();
    }

    @Test
    void whatTheStateKnowsIsNotTakenUp() throws Exception {
        rule(80);
        value(0, 95);
        AlertInstance known = last();
        checkpoint();
        restart();
        takeUp(row(known));
        assertThat(heard()).isEmpty();
        value(140, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
    }

    @Test
    void whatWasOverBeforeTheCheckpointIsNotTakenUpThoughItsRowIsLate() throws Exception {
        AlertInstance over = knownToBeOver();
        restart();
        takeUp(row(over));
        assertThat(heard()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void aTaskThatHadNothingToDoDoesNotMakeTheRestForgetTheCheckpoint() throws Exception {
        AlertInstance over = knownToBeOver();
        OperatorSubtaskState busy = checkpoint;
        harness.close();
        start(null);
        checkpoint();
        checkpoint = AbstractStreamOperatorTestHarness.repackageState(busy, checkpoint);
        restart();
        takeUp(row(over));
        assertThat(heard()).isEmpty();
        assertNothingIsLeft();
    }

    private AlertInstance knownToBeOver() throws Exception {
        rule(80);
        value(0, 95);
        AlertInstance over = last();
        value(10, 10);
        watermark(10 + AlertFunction.LATENESS_MILLIS / 1_000);
        value(200, 10);
        checkpoint();
        return over;
    }

    @Test
    void whatEndedAfterTheCheckpointDoesNotGoOnInSecret() throws Exception {
        AlertInstance known = fireAndCheckpoint();
        value(10, 10);
        RememberedAlert row = row(last());
        restart();
        value(20, 95);
        assertThat(heard()).as("nothing new by the state").isEmpty();
        takeUp(row);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        assertThat(last().subject().key()).isEqualTo(known.subject().key());
        assertThat(last().at()).isGreaterThan(row.at());
        takeUp(row);
        assertThat(heard()).as("once").isEmpty();
        value(30, 95);
        assertThat(heard()).containsExactly("FIRING");
        assertThat(last().subject().key()).isNotEqualTo(known.subject().key());
        value(40, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        assertNothingIsLeft();
    }

    @Test
    void whatEndedAndBecameWorseSinceIsNotEnded() throws Exception {
        critical = 98;
        fireAndCheckpoint();
        value(10, 10);
        RememberedAlert row = row(last());
        restart();
        value(20, 99);
        assertThat(heard()).containsExactly("FIRING");
        takeUp(row);
        assertThat(heard()).as("its newest row says that it is open").isEmpty();
        value(30, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
    }

    @Test
    void whatEndedLatelyAndNobodyWasToldOfIsLeftAlone() throws Exception {
        rule(80);
        value(0, 10);
        watermark(0);
        value(10, 10);
        checkpoint();
        value(120, 95);
        value(130, 10);
        matter = "";
        RememberedAlert row = row(last());
        restart();
        takeUp(row);
        assertThat(heard()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void whatCountedForWhatIsOverBeginsNoOtherAlert() throws Exception {
        AlertInstance known = fireAndCheckpoint();
        value(20, 95);
        value(30, 10);
        RememberedAlert row = row(last());
        restart();
        takeUp(row);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        value(20, 95);
        assertThat(heard()).as("a finding told again").isEmpty();
        value(40, 95);
        assertThat(last().subject().key()).isNotEqualTo(known.subject().key());
    }

    @Test
    void theEndOfWhatPeopleWereToldSinceTheCheckpointIsToldThoughItIsOver() throws Exception {
        rule(80);
        value(0, 10);
        watermark(0);
        value(10, 10);
        checkpoint();
        value(120, 95);
        value(130, 10);
        matter = "told";
        RememberedAlert row = row(last());
        restart();
        takeUp(row);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        assertThat(last().earlier())
                .matches(earlier -> earlier.told() && earlier.matter().equals("told"));
        assertThat(last().resolvedAt()).isEqualTo(row.resolvedAt());
        takeUp(row);
        assertThat(heard()).as("once").isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void whatWasToldToOthersAfterTheCheckpointIsTakenUpForThem() throws Exception {
        AlertInstance known = fireAndCheckpoint();
        rowAt = known.at() + 5_000;
        channelsTold = List.of("pager");
        RememberedAlert row = row(known);
        restart();
        takeUp(row);
        assertThat(heard()).containsExactly("FIRING");
        assertThat(last().earlier()).matches(told -> told.channels().equals(List.of("pager")));
        value(140, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        restart();
        value(140, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        takeUp(row);
        assertThat(heard()).as("it ended first").containsExactly("RESOLVED in order again");
        assertThat(last().earlier()).matches(told -> told.channels().equals(List.of("pager")));
        assertNothingIsLeft();
    }

    @Test
    void whatWasMadeWellBeforeTheCheckpointIsKnown() throws Exception {
        rule(80);
        value(0, 95);
        AlertInstance known = last();
        rowAt = known.at() + 5_000;
        watermark(6 + AlertFunction.LATENESS_MILLIS / 1_000);
        value(100, 95);
        checkpoint();
        restart();
        takeUp(row(known));
        assertThat(heard()).isEmpty();
    }

    @Test
    void whatCountsAsToldShortlyBeforeIsNotTakenUpEachTimeThoughItWasTold() throws Exception {
        suppressionMinutes = 5;
        rule(80);
        value(0, 95);
        value(10, 10);
        value(20, 95);
        RememberedAlert row = row(last(), "FIRING", 0, 0, 0);
        assertThat(last().status()).isEqualTo(AlertStatus.SUPPRESSED);
        checkpoint();
        restart();
        takeUp(row);
        assertThat(heard()).isEmpty();
        value(30, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        takeUp(row);
        assertThat(heard()).as("told by those who let it fire").isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void aNoteThatNoLongerCountedDoesNotCountAgain() throws Exception {
        AlertInstance lost = loseAnAlert();
        noteHeard = true;
        takeUp(row(lost, "FIRING", 7, 0, 0));
        note(lost, 7);
        assertThat(heard()).as("also where a snapshot has it").containsExactly("FIRING");
        note(lost, 8);
        assertThat(heard()).containsExactly("ACKNOWLEDGED");
        value(140, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        assertNothingIsLeft();
    }

    @Test
    void whatWasExplainedStaysTheAlertThatItWas() throws Exception {
        AlertInstance lost = loseAnAlert();
        value(125, 95);
        suppressedBy = AlertInstance.explainedBy(OpenAlerts.hash(lost), "down");
        takeUp(row(lost, "SUPPRESSED", 0, 0, 0));
        assertThat(heard())
                .containsExactly(
                        "FIRING",
                        "FIRING",
                        "RESOLVED goes on as the alert that began before a restart");
        value(140, 10);
        assertThat(last().subject().key()).isEqualTo(lost.subject().key());
        assertNothingIsLeft();
    }

    @Test
    void anAbsentSeriesIsLookedAtSoonAfterItsRuleCame() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.close();
        start(null);
        suppressedBy = "silenced by ann until noon: so";
        takeUp(row(lost, "SUPPRESSED", 0, 0, 0));
        AlertRule absent =
                TestRule.named("busy")
                        .key(RULE)
                        .version(++version)
                        .metric("used_pct")
                        .condition(Condition.ABSENCE)
                        .parameters(Map.of("absent_seconds", "60"))
                        .build();
        update(new RuleUpdate(version, List.of(absent), List.of(), List.of(), List.of()));
        assertThat(heard()).containsExactly("SUPPRESSED");
        watermark(200);
        watermark(240);
        assertThat(heard()).as("nobody silences it any longer").containsExactly("FIRING");
    }

    @Test
    void anAlertWhoseRuleIsGoneEnds() throws Exception {
        AlertInstance lost = loseAnAlert();
        update(new RuleUpdate(++version, List.of(), List.of(), List.of(RULE), List.of()));
        channelsTold = List.of("desk");
        takeUp(row(lost));
        assertThat(heard())
                .containsExactly("FIRING", "RESOLVED no rule in force wants it any longer");
        assertThat(last().subject().channels()).as("nobody else").containsExactly("desk");
        assertNothingIsLeft();
    }

    @Test
    void withoutStateAnAlertWaitsForTheRules() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.close();
        start(null);
        takeUp(row(lost));
        value(130, 95);
        assertThat(heard()).as("nobody knows whom to tell").isEmpty();
        channels = List.of("desk");
        rule(80);
        assertThat(heard()).as("the rule wants it").containsExactly("FIRING");
        assertThat(last().subject().channels()).containsExactly("desk");
        value(140, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        assertNothingIsLeft();
    }

    @Test
    void withoutStateAnAlertThatNoRuleWantsEndsWithTheRules() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.close();
        start(null);
        takeUp(row(lost));
        update(new RuleUpdate(0, List.of(), List.of(), List.of("another"), List.of()));
        assertThat(heard()).as("not all rules are known").isEmpty();
        update(new RuleUpdate(++version, List.of(), List.of(), List.of("other"), List.of()));
        assertThat(heard())
                .containsExactly("FIRING", "RESOLVED no rule in force wants it any longer");
        assertNothingIsLeft();
    }

    @Test
    void whereNoRulesComeAnAlertEndsAfterAWhile() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.close();
        start(null);
        takeUp(row(lost));
        watermark(200);
        watermark(199 + LifecycleSettings.DEFAULT.staleAfter().toSeconds());
        assertThat(heard()).isEmpty();
        watermark(201 + LifecycleSettings.DEFAULT.staleAfter().toSeconds());
        assertThat(heard())
                .containsExactly("FIRING", "RESOLVED no rule in force wants it any longer");
        assertNothingIsLeft();
    }

    @Test
    void theAlertOfASeriesThatNeverComesBackEnds() throws Exception {
        AlertInstance lost = loseAnAlert();
        takeUp(row(lost));
        watermark(7_200);
        assertThat(heard()).as("the job was down, nobody looked").containsExactly("FIRING");
        watermark(7_201 + LifecycleSettings.DEFAULT.staleAfter().toSeconds());
        assertThat(heard()).hasSize(1).first().asString().startsWith("RESOLVED no value since");
        assertNothingIsLeft();
    }

    @Test
    void aNoteThatNobodyHeardCounts() throws Exception {
        AlertInstance lost = loseAnAlert();
        takeUp(row(lost, "FIRING", 7, T0 + 300_000, 0));
        assertThat(heard()).containsExactly("FIRING", "ACKNOWLEDGED");
        assertThat(last().acknowledgedBy()).isEqualTo("ann");
        value(130, 95);
        assertThat(heard()).isEmpty();
        value(301, 95);
        assertThat(heard()).as("it ran out").containsExactly("FIRING");
    }

    @Test
    void aNoteThatWasTakenBackUnheardDoesNot() throws Exception {
        AlertInstance lost = loseAnAlert();
        takeUp(row(lost, "ACKNOWLEDGED", 0, 0, 1));
        assertThat(heard()).containsExactly("ACKNOWLEDGED", "FIRING");
    }

    @Test
    void withoutStateNotesThatWereMadeOrTakenBackMeanwhileCount() throws Exception {
        AlertInstance lost = loseAnAlert();
        for (RememberedAlert row :
                List.of(row(lost, "ACKNOWLEDGED", 0, 0, 1), row(lost, "FIRING", 7, 0, 0))) {
            harness.close();
            start(null);
            takeUp(row);
            checkpoint();
            restart();
            assertThat(heard()).isEmpty();
            rule(80);
            assertThat(heard())
                    .containsExactly(row.status(), row.noteRow() == 0 ? "FIRING" : "ACKNOWLEDGED");
            value(140, 10);
            assertNothingIsLeft();
        }
    }

    @Test
    void withoutStateTheLastAlertOfAnIncidentWaitsForItsRuleToo() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.close();
        start(null);
        incident = openIncident();
        takeUp(row(lost, "RESOLVED", 0, 0, 1));
        assertThat(heard()).isEmpty();
        channels = List.of("desk");
        rule(80);
        assertThat(heard()).containsExactly("RESOLVED");
        assertThat(last().subject().channels()).containsExactly("desk");
        assertNothingIsLeft();
    }

    @Test
    void nobodyHearsOfWhatIsOldBeforeAValueShowsIt() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.setProcessingTime(lost.at() + 3_600_002);
        takeUp(row(lost));
        watermark(3_800);
        value(3_800, Double.NaN);
        assertThat(heard()).isEmpty();
        value(3_810, 95);
        assertThat(heard()).containsExactly("FIRING");
        assertThat(last().subject()).isEqualTo(lost.subject());
        value(3_820, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        assertNothingIsLeft();
    }

    @Test
    void whatIsOldAndOverEndsWithTheNextValue() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.setProcessingTime(lost.at() + 3_600_002);
        takeUp(row(lost));
        value(3_810, 10);
        assertThat(heard()).containsExactly("FIRING", "RESOLVED in order again");
        assertNothingIsLeft();
    }

    @Test
    void whatIsOldAndNeverComesBackEnds() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.setProcessingTime(lost.at() + 3_600_002);
        takeUp(row(lost));
        watermark(7_200);
        watermark(7_199 + LifecycleSettings.DEFAULT.staleAfter().toSeconds());
        assertThat(heard()).isEmpty();
        watermark(7_201 + LifecycleSettings.DEFAULT.staleAfter().toSeconds());
        assertThat(heard()).hasSize(2).last().asString().startsWith("RESOLVED no value since");
        assertNothingIsLeft();
    }

    @Test
    void aNoteOnWhatIsOldIsTaken() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.setProcessingTime(lost.at() + 3_600_002);
        takeUp(row(lost, "FIRING", 6, T0 + 130_000, 0));
        harness.processElement2(
                new StreamRecord<>(
                        new AlertOrder(
                                null,
                                new Acknowledgement(
                                        OpenAlerts.hash(lost), 6, "ann", T0 + 130_000, false))));
        assertThat(heard()).as("a snapshot has what ran out too").isEmpty();
        note(lost, 7);
        assertThat(heard()).endsWith("ACKNOWLEDGED");
        value(3_810, 95);
        assertThat(heard()).isEmpty();
        value(3_820, 10);
        assertNothingIsLeft();
    }

    @Test
    void withoutStateWhatAnOlderReleaseToldWaitsForAValue() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.close();
        start(null);
        rule(80);
        matter = "";
        takeUp(row(lost));
        assertThat(heard()).isEmpty();
        value(130, 95);
        assertThat(heard()).containsExactly("FIRING");
        value(140, 10);
        assertNothingIsLeft();
    }

    @Test
    void whatIsOverForLongIsForItsIncidentAlone() throws Exception {
        AlertInstance lost = loseAnAlert();
        harness.setProcessingTime(lost.at() + 3_600_002);
        incident = openIncident();
        takeUp(row(lost, "RESOLVED", 0, 0, 1));
        assertThat(heard()).containsExactly("RESOLVED");
        assertThat(last().earlier()).isNotNull().matches(earlier -> !earlier.told());
        assertNothingIsLeft();
    }

    @Test
    void whatIsOverIsSaidOnceMoreForItsIncident() throws Exception {
        AlertInstance lost = loseAnAlert();
        incident = openIncident();
        takeUp(row(lost, "RESOLVED", 0, 0, 1));
        assertThat(heard()).containsExactly("RESOLVED");
        assertNothingIsLeft();
    }

    @Test
    void whatWasPendingAtTheCheckpointAndFiredAfterItIsTheSameAlertToItsEnd() throws Exception {
        AlertInstance lost = loseAFiring();
        takeUp(row(lost, "FIRING", 7, T0 + 3_600_000, 0));
        assertThat(heard())
                .as("with the note that came too early")
                .containsExactly("FIRING", "ACKNOWLEDGED");
        assertThat(last().earlier()).isNotNull();
        value(340, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        assertThat(last().subject().key()).isEqualTo(lost.subject().key());
        assertThat(last().told()).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void whatWasPendingAndEndsBeforeTheVaultIsReadEndsForThoseWhoWereToldToo() throws Exception {
        AlertInstance lost = loseAFiring();
        value(340, 10);
        long untold = last().at();
        assertThat(heard()).containsExactly("RESOLVED did not hold");
        assertThat(last().told()).isFalse();
        takeUp(row(lost));
        assertThat(heard()).containsExactly("RESOLVED did not hold");
        assertThat(last().told()).isTrue();
        assertThat(last().earlier()).isNotNull();
        assertThat(last().firedAt()).isEqualTo(lost.firedAt());
        assertThat(last().at()).isGreaterThan(untold);
        takeUp(row(lost));
        assertThat(heard()).as("once").isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void whatFiredAfterTheCheckpointIsTakenUpThoughItsEndIsNoLongerRemembered() throws Exception {
        AlertInstance lost = loseAFiring();
        value(340, 10);
        for (int i = 0; i < RecentEnds.MOST; i++) {
            String other =
                    new SeriesId("shop", "acme", "used_pct", Map.of("n", Integer.toString(i)))
                            .text();
            for (int value : List.of(95, 10)) {
                long time = T0 + 400_000 - value;
                harness.processElement1(
                        new StreamRecord<>(new LiveValue(other, time, value), time));
            }
        }
        heard();
        takeUp(row(lost));
        assertThat(heard()).as("it was pending for long before").containsExactly("FIRING");
        value(420, 10);
        assertThat(last().told()).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void whatWasPendingAndOverWithItsIncidentIsForgotten() throws Exception {
        AlertInstance lost = loseAFiring();
        incident = openIncident();
        takeUp(row(lost, "RESOLVED", 0, 0, 0));
        assertThat(heard()).containsExactly("RESOLVED");
        value(340, 10);
        assertThat(heard()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void whatEndsBeforeTheVaultIsReadIsNotTakenUp() throws Exception {
        rule(80);
        value(0, 95);
        AlertInstance known = last();
        checkpoint();
        restart();
        value(10, 10);
        assertThat(heard()).containsExactly("RESOLVED in order again");
        takeUp(row(known));
        assertThat(heard()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void whatAnotherAlertExplainedStaysUntoldWhileThatIsTakenUpToo() throws Exception {
        AlertRule down =
                TestRule.named("down")
                        .key("down".repeat(16))
                        .version(++version)
                        .metric("target_down")
                        .thresholds(0.5, Double.NaN)
                        .explains("busy")
                        .build();
        update(new RuleUpdate(version, List.of(down), List.of(), List.of(), List.of()));
        rule(80);
        checkpoint();
        String other = new SeriesId("shop", "acme", "target_down", Map.of()).text();
        long time = T0 + 119_000;
        harness.processElement1(new StreamRecord<>(new LiveValue(other, time, 1), time));
        AlertInstance cause = last();
        value(120, 95);
        AlertInstance symptom = last();
        restart();
        takeUp(row(cause));
        suppressedBy = AlertInstance.explainedBy(OpenAlerts.hash(cause), "down");
        takeUp(row(symptom, "SUPPRESSED", 0, 0, 0));
        List<AlertInstance> own = harness.extractOutputValues();
        assertThat(own).extracting(AlertInstance::status).containsOnly(AlertStatus.FIRING);
        try (KeyedOneInputStreamOperatorTestHarness<String, AlertInstance, AlertInstance> shown =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(new ExplainAlerts(BusinessHours.DEFAULT)),
                        alert -> alert.subject().target(),
                        Types.STRING)) {
            shown.open();
            shown.setProcessingTime(T0 + 200_000);
            for (AlertInstance alert : own) {
                shown.processElement(new StreamRecord<>(alert));
            }
            shown.setProcessingTime(T0 + 200_000 + 2 * ExplainAlerts.WAIT_MILLIS);
            assertThat(shown.extractOutputValues())
                    .extracting(alert -> alert.subject().ruleName() + " " + alert.status())
                    .startsWith("down FIRING", "busy SUPPRESSED")
                    .doesNotContain("busy FIRING");
        }
    }

    private static RememberedIncident openIncident() {
        return new RememberedIncident(
                "x", "shop", "busy on shop", "WARNING", T0, 0, 0, 0, "", "", T0);
    }

    /** An alert that fires and is known at the last checkpoint, of the same moment. */
    private AlertInstance fireAndCheckpoint() throws Exception {
        rule(80);
        value(0, 95);
        AlertInstance known = last();
        watermark(0);
        checkpoint();
        return known;
    }

    private void note(AlertInstance alert, long row) throws Exception {
        harness.processElement2(
                new StreamRecord<>(
                        new AlertOrder(
                                null,
                                new Acknowledgement(
                                        OpenAlerts.hash(alert), row, "ann", 0, false))));
    }

    /** An alert that is pending for long at the last checkpoint and fires after it. */
    private AlertInstance loseAFiring() throws Exception {
        forSeconds = 300;
        rule(80);
        value(0, 95);
        watermark(200);
        value(210, 95);
        checkpoint();
        value(301, 95);
        AlertInstance lost = last();
        assertThat(lost.status().name()).isEqualTo("FIRING");
        restart();
        return lost;
    }

    /** An alert that fires after the last checkpoint, and a job that goes on from that. */
    private AlertInstance loseAnAlert() throws Exception {
        rule(80);
        value(0, 10);
        watermark(0);
        checkpoint();
        value(120, 95);
        AlertInstance lost = last();
        assertThat(lost.status().name()).isEqualTo("FIRING");
        restart();
        return lost;
    }

    private RememberedAlert row(AlertInstance alert) {
        return row(alert, alert.status().name(), 0, 0, 0);
    }

    private RememberedAlert row(
            AlertInstance alert, String status, long note, long until, long acknowledged) {
        boolean told = !status.equals("PENDING") && !status.equals("SUPPRESSED");
        return new RememberedAlert(
                alert.subject().key(),
                alert.subject().ruleKey(),
                alert.subject().ruleName(),
                alert.subject().ruleVersion(),
                alert.subject().series(),
                alert.subject().unit(),
                alert.subject().groupKey(),
                status,
                alert.severity().name(),
                alert.value(),
                alert.threshold(),
                alert.message(),
                alert.pendingSince(),
                status.equals("PENDING") ? 0 : alert.firedAt(),
                acknowledged,
                acknowledged == 0 ? "" : "ann",
                status.equals("SUPPRESSED") ? alert.firedAt() : 0,
                status.equals("SUPPRESSED") ? suppressedBy : "",
                status.equals("RESOLVED") ? alert.at() : 0,
                alert.reason(),
                false,
                told,
                rowAt == 0 ? alert.at() : rowAt,
                note,
                until,
                note == 0 ? "" : "ann",
                noteHeard,
                told ? matter : "",
                channelsTold,
                incident);
    }

    private void start(OperatorSubtaskState state) throws Exception {
        harness =
                new KeyedTwoInputStreamOperatorTestHarness<>(
                        new CoBroadcastWithKeyedOperator<>(
                                new AlertFunction(
                                        LifecycleSettings.DEFAULT,
                                        Map.of("used_pct", "%"),
                                        Map.of("used_pct", Duration.ofSeconds(10)),
                                        Duration.ofDays(1)),
                                List.of(AlertFunction.RULES, AlertFunction.SILENCES)),
                        LiveValue::series,
                        update -> "",
                        Types.STRING);
        if (state != null) {
            harness.initializeState(state);
        }
        harness.open();
        harness.processWatermarkStatus2(WatermarkStatus.IDLE);
        heard = 0;
    }

    private void checkpoint() throws Exception {
        checkpoint = harness.snapshot(1, 1);
    }

    private void restart() throws Exception {
        harness.close();
        start(checkpoint);
    }

    private void rule(double warning) throws Exception {
        AlertRule rule =
                new AlertRule(
                        RULE,
                        "",
                        ++version,
                        "busy",
                        "used_pct",
                        "",
                        Map.of(),
                        Condition.THRESHOLD,
                        Map.of(),
                        Direction.ABOVE,
                        warning,
                        critical,
                        Double.NaN,
                        forSeconds,
                        false,
                        suppressionMinutes,
                        List.of(),
                        List.of(),
                        channels,
                        List.of(),
                        "",
                        "",
                        "",
                        "");
        update(new RuleUpdate(version, List.of(rule), List.of(), List.of(), List.of()));
    }

    private void update(RuleUpdate update) throws Exception {
        harness.processElement2(new StreamRecord<>(new AlertOrder(update, null)));
    }

    private void value(long seconds, double value) throws Exception {
        long time = T0 + seconds * 1_000;
        harness.processElement1(new StreamRecord<>(new LiveValue(SERIES, time, value), time));
    }

    private void takeUp(RememberedAlert row) throws Exception {
        harness.processElement1(new StreamRecord<>(new LiveValue(row)));
    }

    private void watermark(long seconds) throws Exception {
        harness.processWatermark1(new Watermark(T0 + seconds * 1_000));
    }

    private AlertInstance last() {
        List<AlertInstance> all = harness.extractOutputValues();
        return all.get(all.size() - 1);
    }

    private List<String> heard() {
        List<AlertInstance> all = harness.extractOutputValues();
        List<String> said = new ArrayList<>();
        for (AlertInstance alert : all.subList(heard, all.size())) {
            said.add((alert.status() + " " + alert.reason()).strip());
        }
        heard = all.size();
        return said;
    }

    /** Once the flap window is over. */
    private void assertNothingIsLeft() throws Exception {
        watermark(20_000);
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }
}
