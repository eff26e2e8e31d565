package io.onevault.jobs.alerts.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.Notification;
import io.onevault.jobs.alerts.delivery.NotificationRequest;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import io.onevault.jobs.alerts.lifecycle.Earlier;
import io.onevault.jobs.alerts.lifecycle.Severity;
import io.onevault.jobs.alerts.rules.AlertRule.EscalationStep;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TellAlertsTest {

    private static final long T0 = 1_700_000_000_000L;
    private static final long INTERVAL = 60;

    private final Map<String, AlertInstance> known = new HashMap<>();
    private KeyedOneInputStreamOperatorTestHarness<String, AlertInstance, NotificationRequest>
            harness;
    private @Nullable Earlier earlier;
    private List<String> ofRule = List.of();
    private List<EscalationStep> escalation = List.of();
    private long clock;
    private int heard;
    private long checkpoints;
    private boolean restored;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
        at(0);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @ParameterizedTest
    @ValueSource(classes = {GroupState.class, GroupMember.class, NotificationRequest.class})
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void anAlertIsToldWithWhatPeopleNeedAndItsEndToo() throws Exception {
        change("a", AlertStatus.FIRING, Severity.WARNING);
        assertThat(heard()).as("it waits for company").isEmpty();
        at(1);
        Notification told = last();
        assertThat(heard()).containsExactly("mail firing warning a +0");
        assertThat(told.alertKey()).isEqualTo("a");
        assertThat(told.rule()).isEqualTo("rule");
        assertThat(told.target()).isEqualTo("shop");
        assertThat(told.tenant()).isEqualTo("acme");
        assertThat(told.value()).isEqualTo(97);
        assertThat(told.threshold()).isEqualTo(90);
        assertThat(told.sinceMicros()).isEqualTo(T0 * 1_000);
        assertThat(told.likelyCause()).isEqualTo("what it means");
        assertThat(told.whatToDo()).isEqualTo("look there");
        assertThat(told.link()).matches("https://dash\\.example/[0-9a-f]{64}");

        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        at(INTERVAL);
        assertThat(heard()).isEmpty();
        at(INTERVAL + 1);
        assertThat(heard()).containsExactly("mail resolved warning a; in order again +0");
        assertThat(last().alertKey()).isEqualTo("a");
        assertNothingLeftAfter(2 * INTERVAL + 2);
    }

    @Test
    void aStormIsOneMessageInAnInterval() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            change("s" + i, AlertStatus.FIRING, i == 7 ? Severity.CRITICAL : Severity.WARNING);
        }
        at(1);
        assertThat(heard())
                .containsExactly("mail firing critical s7 +9999", "pager firing critical s7 +9999");
        assertThat(last().related()).hasSize(10);
        for (int second = 2; second <= INTERVAL; second++) {
            change("later" + second, AlertStatus.FIRING, Severity.WARNING);
            at(second);
        }
        assertThat(heard()).isEmpty();
        at(INTERVAL + 1);
        assertThat(heard())
                .containsExactly(
                        "mail firing critical s7 +10058", "pager firing critical s7 +10058");
        for (String key : Set.copyOf(known.keySet())) {
            change(key, AlertStatus.RESOLVED, Severity.WARNING);
        }
        at(2 * INTERVAL + 1);
        assertThat(heard()).hasSize(2).allMatch(said -> said.contains("resolved critical"));
        assertThat(last().alertKey()).isEqualTo("s7");
        assertNothingLeftAfter(3 * INTERVAL + 2);
    }

    @Test
    void whoIsTooGoodForAChannelDoesNotGoThereUntilItIsWorse() throws Exception {
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        assertThat(heard()).containsExactly("mail firing warning a +0");
        change("a", AlertStatus.FIRING, Severity.CRITICAL);
        at(INTERVAL + 1);
        assertThat(heard())
                .containsExactly("mail firing critical a +0", "pager firing critical a +0");
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(2 * INTERVAL + 1);
        assertThat(heard()).as("better is no news").isEmpty();
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        assertThat(heard())
                .as("who was told learns of the end at once when nothing was said lately")
                .containsExactly(
                        "mail resolved critical a; in order again +0",
                        "pager resolved critical a; in order again +0");
        assertNothingLeftAfter(3 * INTERVAL + 2);
    }

    @Test
    void aRuleNamesItsOwnChannels() throws Exception {
        ofRule = List.of("desk", "nowhere");
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        assertThat(heard())
                .containsExactly("desk firing warning a +0", "nowhere firing warning a +0");
    }

    @Test
    void nobodyTakingNoteIsToldFurtherAndANoteStopsThat() throws Exception {
        escalation =
                List.of(
                        new EscalationStep(5, List.of("boss")),
                        new EscalationStep(15, List.of("boss", "owner")));
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        assertThat(heard()).containsExactly("mail firing warning a +0");
        String first = last().idempotencyKey();
        at(300);
        assertThat(heard()).isEmpty();
        at(301);
        assertThat(heard()).containsExactly("boss firing warning a +0");
        assertThat(last().idempotencyKey()).isNotEqualTo(first);
        change("a", AlertStatus.ACKNOWLEDGED, Severity.WARNING);
        at(361);
        assertThat(heard())
                .containsExactly(
                        "mail acknowledged warning a +0", "boss acknowledged warning a +0");
        at(7_200);
        assertThat(heard()).as("the second step").isEmpty();
        change("a", AlertStatus.FIRING, Severity.WARNING);
        assertThat(heard()).containsExactly("mail firing warning a +0");
        at(7_200 + 300);
        assertThat(heard()).as("it begins anew").containsExactly("boss firing warning a +0");
        at(7_200 + 900);
        assertThat(heard())
                .containsExactly("boss firing warning a +0", "owner firing warning a +0");
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        at(7_200 + 960);
        assertThat(heard()).hasSize(3).allMatch(said -> said.contains("resolved"));
        assertNothingLeftAfter(7_200 + 1_021);
    }

    @Test
    void aGroupIsAcknowledgedWhenAllThatAreLeftAre() throws Exception {
        change("a", AlertStatus.FIRING, Severity.WARNING);
        change("b", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        assertThat(heard()).containsExactly("mail firing warning a +1");
        change("a", AlertStatus.ACKNOWLEDGED, Severity.WARNING);
        at(100);
        assertThat(heard()).isEmpty();
        change("b", AlertStatus.RESOLVED, Severity.WARNING);
        assertThat(heard()).containsExactly("mail acknowledged warning a +0");
    }

    @Test
    void whatWasNeverToldIsNotResolvedEither() throws Exception {
        change("a", AlertStatus.FIRING, Severity.WARNING);
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        at(INTERVAL * 3);
        assertThat(heard()).isEmpty();
        assertNothingLeftAfter(INTERVAL * 3 + 1);
    }

    @Test
    void whatTheGroupKnowsEndsEvenIfNobodyElseRemembersThatItWasTold() throws Exception {
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        assertThat(heard()).hasSize(1);
        send(alert("a", AlertStatus.RESOLVED, Severity.WARNING, false));
        at(INTERVAL + 1);
        assertThat(heard()).containsExactly("mail resolved warning a; in order again +0");
        assertNothingLeftAfter(2 * INTERVAL + 2);
    }

    @Test
    void aSuppressedAlertIsNotToldAndLeavesNothing() throws Exception {
        send(alert("a", AlertStatus.SUPPRESSED, Severity.CRITICAL, false));
        send(alert("a", AlertStatus.RESOLVED, Severity.CRITICAL, false));
        assertThat(heard()).isEmpty();
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void aSilenceIsToldLikeANoteAndStopsTheEscalationUntilItIsOver() throws Exception {
        escalation = List.of(new EscalationStep(10, List.of("boss")));
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        assertThat(heard()).hasSize(1);
        at(100);
        AlertInstance silenced =
                alert("a", AlertStatus.SUPPRESSED, Severity.WARNING, true)
                        .shown(AlertStatus.SUPPRESSED, "silenced by ann", clock, true, "", clock);
        send(silenced);
        assertThat(heard()).containsExactly("mail acknowledged warning a; silenced by ann +0");
        at(2_000);
        assertThat(heard()).as("nobody is told further").isEmpty();
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(2_100);
        assertThat(heard()).containsExactly("mail firing warning a +0");
        at(2_900);
        assertThat(heard()).containsExactly("boss firing warning a +0");
    }

    @Test
    void aRestartRepeatsWithTheSameKeyAndEndsWhatWasTold() throws Exception {
        change("a", AlertStatus.FIRING, Severity.CRITICAL);
        OperatorSubtaskState before = checkpoint();
        at(1);
        Set<String> keys = keys();
        assertThat(keys).as("one for each channel").hasSize(2);
        restore(before, 2);
        assertThat(keys()).isEqualTo(keys);
        OperatorSubtaskState after = checkpoint();
        restore(after, 3);
        assertThat(heard()).isEmpty();
        change("a", AlertStatus.RESOLVED, Severity.CRITICAL);
        at(INTERVAL + 3);
        assertThat(heard()).hasSize(2);
        assertNothingLeftAfter(2 * INTERVAL + 4);
    }

    @Test
    void changesOfOneMomentHaveKeysOfTheirOwn() throws Exception {
        send(alert("a", AlertStatus.FIRING, Severity.WARNING, true));
        at(1);
        Set<String> keys = new HashSet<>(keys());
        heard();
        send(alert("b", AlertStatus.FIRING, Severity.WARNING, true, last().atMicros() / 1_000));
        at(INTERVAL + 1);
        assertThat(keys()).hasSize(2).containsAll(keys);
    }

    @Test
    void troubleFoundAnewAfterARestartIsTheSameMatter() throws Exception {
        change("past", AlertStatus.FIRING, Severity.CRITICAL);
        at(1);
        change("past", AlertStatus.RESOLVED, Severity.CRITICAL);
        at(2 * INTERVAL);
        at(4 * INTERVAL);
        OperatorSubtaskState before = checkpoint();
        heard();
        change("a", AlertStatus.FIRING, Severity.CRITICAL);
        at(4 * INTERVAL + 1);
        Notification told = last();
        assertThat(heard()).hasSize(2);

        restore(before, 4 * INTERVAL + 5);
        checkpoint();
        checkpoint();
        change("begun-later", AlertStatus.FIRING, Severity.CRITICAL);
        at(4 * INTERVAL + 6);

        assertThat(heard()).hasSize(2);
        assertThat(last().alertKey()).isEqualTo("begun-later");
        assertThat(last().idempotencyKey()).isEqualTo(told.idempotencyKey());
        assertThat(last().matterKey()).isEqualTo(told.matterKey());
        change("begun-later", AlertStatus.RESOLVED, Severity.CRITICAL);
        at(5 * INTERVAL + 6);
        assertThat(last().matterKey()).isEqualTo(told.matterKey());
        assertThat(last().idempotencyKey()).isNotEqualTo(told.idempotencyKey());
    }

    @Test
    void theEndOfWhatWasToldBeforeARestartIsToldWithTheKeyItWouldHaveHad() throws Exception {
        OperatorSubtaskState before = checkpoint();
        change("a", AlertStatus.FIRING, Severity.CRITICAL);
        at(1);
        Notification told = last();
        change("a", AlertStatus.RESOLVED, Severity.CRITICAL);
        at(INTERVAL + 1);
        Notification over = last();
        assertThat(over.status()).isEqualTo("resolved");

        for (AlertStatus seen : List.of(AlertStatus.FIRING, AlertStatus.RESOLVED)) {
            restore(before, 2 * INTERVAL);
            earlier = new Earlier(true, "", "", List.of(), null);
            change("a", seen, Severity.CRITICAL);
            if (seen == AlertStatus.FIRING) {
                change("a", AlertStatus.RESOLVED, Severity.CRITICAL);
            }
            at(2 * INTERVAL + 3);
            assertThat(heard())
                    .containsExactly(
                            "mail resolved critical a; in order again +0",
                            "pager resolved critical a; in order again +0");
            assertThat(last().matterKey()).isEqualTo(told.matterKey());
            assertThat(last().alertKey()).isEqualTo(told.alertKey());
            assertThat(last().idempotencyKey()).isEqualTo(over.idempotencyKey());
            checkpoint();
            assertNothingLeftAfter(4 * INTERVAL);
        }
    }

    @Test
    void whatStillFiresAfterARestartIsRepeatedWithItsKeyAndItsEndToldOnce() throws Exception {
        OperatorSubtaskState before = checkpoint();
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        Notification told = last();
        restore(before, 2);
        earlier = new Earlier(true, "", "", List.of(), null);
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(3);
        assertThat(heard()).containsExactly("mail firing warning a +0");
        assertThat(last().idempotencyKey()).isEqualTo(told.idempotencyKey());
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        at(INTERVAL + 4);
        assertThat(heard()).containsExactly("mail resolved warning a; in order again +0");
        assertThat(last().matterKey()).isEqualTo(told.matterKey());
        checkpoint();
        assertNothingLeftAfter(3 * INTERVAL);
    }

    @Test
    void aJobWithoutStateTellsTheEndByTheNameThatTheVaultKnows() throws Exception {
        earlier = new Earlier(true, "", "known", List.of(), null);
        change("a", AlertStatus.FIRING, Severity.WARNING);
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        at(3);
        assertThat(heard()).containsExactly("mail resolved warning a; in order again +0");
        assertThat(last().matterKey()).isEqualTo("known");
        earlier = null;
        change("b", AlertStatus.FIRING, Severity.WARNING);
        at(INTERVAL + 4);
        assertThat(last().alertKey()).isEqualTo("b");
        assertThat(last().matterKey()).as("another matter").isNotEqualTo("known");
    }

    @Test
    void aJobWithoutStateTellsTheEndToAllThatTheVaultKnowsWereTold() throws Exception {
        earlier = new Earlier(true, "", "known", List.of("boss", "pager", "mail"), null);
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        assertThat(heard()).containsExactly("mail firing warning a +0");
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        at(INTERVAL + 2);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "boss resolved warning a; in order again +0",
                        "pager resolved warning a; in order again +0",
                        "mail resolved warning a; in order again +0");
        assertNothingLeftAfter(3 * INTERVAL);
        change("b", AlertStatus.RESOLVED, Severity.WARNING);
        at(4 * INTERVAL);
        assertThat(heard()).as("also of what is over when it is taken up").hasSize(3);
    }

    @Test
    void aJobWithoutStateGivesNoKeyThatTheOneBeforeGaveSomethingElse() throws Exception {
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        String first = last().idempotencyKey();
        String matter = last().matterKey();
        change("a", AlertStatus.ACKNOWLEDGED, Severity.WARNING);
        at(INTERVAL + 1);
        Set<String> before = keys();
        assertThat(before).hasSize(2);
        harness.close();
        harness = harness();
        harness.open();
        at(INTERVAL + 2);
        earlier = new Earlier(true, "", matter, List.of("mail"), null);
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(INTERVAL + 3);
        assertThat(last().idempotencyKey())
                .as("what was told once is told by the same key")
                .isEqualTo(first);
        change("a", AlertStatus.ACKNOWLEDGED, Severity.WARNING);
        at(2 * INTERVAL + 3);
        assertThat(last().status()).isEqualTo("acknowledged");
        assertThat(last().matterKey()).isEqualTo(matter);
        assertThat(before).doesNotContain(last().idempotencyKey());
    }

    @Test
    void whatFiresAfterAnAlertWasTakenUpInSilenceIsNoRepeatOfItsFirstMessage() throws Exception {
        OperatorSubtaskState before = checkpoint();
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        change("a", AlertStatus.ACKNOWLEDGED, Severity.WARNING);
        at(INTERVAL + 1);
        Set<String> told = keys();
        String note = last().idempotencyKey();
        assertThat(told).hasSize(2);
        for (String again : List.of("a", "b")) {
            restore(before, 2 * INTERVAL);
            earlier = new Earlier(true, "", "", List.of(), null);
            change("a", AlertStatus.ACKNOWLEDGED, Severity.WARNING);
            at(2 * INTERVAL + 2);
            assertThat(heard()).containsExactly("mail acknowledged warning a +0");
            assertThat(last().idempotencyKey()).as("as it was").isEqualTo(note);
            earlier = again.equals("a") ? earlier : null;
            change(again, AlertStatus.FIRING, Severity.WARNING);
            at(3 * INTERVAL + 3);
            assertThat(heard()).hasSize(1).first().asString().startsWith("mail firing warning");
            assertThat(told).doesNotContain(last().idempotencyKey());
            earlier = null;
        }
    }

    @Test
    void whatFiresWithAnAlertThatIsTakenUpIsToldToo() throws Exception {
        OperatorSubtaskState before = checkpoint();
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        String told = last().idempotencyKey();
        restore(before, 2);
        earlier = new Earlier(true, "", "", List.of(), null);
        change("a", AlertStatus.FIRING, Severity.WARNING);
        earlier = null;
        change("b", AlertStatus.FIRING, Severity.WARNING);
        at(4);
        assertThat(heard()).containsExactly("mail firing warning a +1");
        assertThat(last().idempotencyKey()).as("nobody takes it for the same").isNotEqualTo(told);
    }

    @Test
    void whatIsTakenUpAndNotedWhileTheJobWasDownIsToldToBeNoted() throws Exception {
        earlier = new Earlier(true, "", "known", List.of("pager"), null);
        change("a", AlertStatus.FIRING, Severity.WARNING);
        change("a", AlertStatus.ACKNOWLEDGED, Severity.WARNING);
        at(2);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "pager acknowledged warning a +0", "mail acknowledged warning a +0");
        assertThat(last().matterKey()).isEqualTo("known");
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        at(INTERVAL + 3);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "pager resolved warning a; in order again +0",
                        "mail resolved warning a; in order again +0");
        assertNothingLeftAfter(3 * INTERVAL);
    }

    @Test
    void thoseWhoWereToldOfAKnownAlertAfterTheCheckpointHearItsEndToo() throws Exception {
        change("a", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        heard();
        earlier = new Earlier(true, "", "", List.of("pager"), null);
        change("a", AlertStatus.FIRING, Severity.WARNING);
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        at(INTERVAL + 2);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "pager resolved warning a; in order again +0",
                        "mail resolved warning a; in order again +0");
        assertNothingLeftAfter(3 * INTERVAL);
    }

    @Test
    void anAlertThatStandsInForOneThatWasToldMeanwhileIsNoNews() throws Exception {
        change("anew", AlertStatus.FIRING, Severity.WARNING);
        at(1);
        assertThat(heard()).hasSize(1);
        earlier = new Earlier(true, "anew", "", List.of(), null);
        change("a", AlertStatus.FIRING, Severity.WARNING);
        earlier = null;
        change("anew", AlertStatus.RESOLVED, Severity.WARNING);
        at(2 * INTERVAL);
        assertThat(heard()).isEmpty();
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        at(3 * INTERVAL);
        assertThat(heard()).containsExactly("mail resolved warning a; in order again +0");
    }

    @Test
    void whatNobodyWasToldOfBeforeARestartEndsInSilence() throws Exception {
        earlier = new Earlier(false, "", "", List.of(), null);
        send(alert("a", AlertStatus.SUPPRESSED, Severity.WARNING, false));
        send(alert("a", AlertStatus.RESOLVED, Severity.WARNING, false));
        at(INTERVAL);
        assertThat(heard()).isEmpty();
        assertNothingLeftAfter(2 * INTERVAL);
    }

    @Test
    void aFirstMessageWaitsForACheckpointThatIsBeingMadeButNotForEver() throws Exception {
        change("a", AlertStatus.FIRING, Severity.WARNING);
        OperatorSubtaskState before = harness.snapshot(1, clock);
        harness.setProcessingTime(clock + 900);
        assertThat(heard()).isEmpty();
        harness.notifyOfCompletedCheckpoint(1);
        harness.setProcessingTime(clock + 921);
        assertThat(heard()).hasSize(1);
        String key = last().idempotencyKey();
        restore(before, 5);
        assertThat(last().idempotencyKey()).isEqualTo(key);

        harness.snapshot(2, clock);
        change("b", AlertStatus.FIRING, Severity.WARNING);
        at(INTERVAL + 5);
        assertThat(heard()).as("not the first one").hasSize(2);
        change("a", AlertStatus.RESOLVED, Severity.WARNING);
        change("b", AlertStatus.RESOLVED, Severity.WARNING);
        at(2 * INTERVAL + 5);
        heard();
        change("c", AlertStatus.FIRING, Severity.WARNING);
        at(3 * INTERVAL + 5);
        harness.setProcessingTime(clock + TellAlerts.LONGEST_HOLD_MILLIS);
        assertThat(heard()).as("nobody says what became of that one").hasSize(1);
    }

    @Test
    void oneMatterAfterTheOtherWithoutACheckpointBetweenAreTwo() throws Exception {
        Set<String> matters = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            change("a" + i, AlertStatus.FIRING, Severity.WARNING);
            at(10 * INTERVAL * (i + 1));
            change("a" + i, AlertStatus.RESOLVED, Severity.WARNING);
            at(10 * INTERVAL * (i + 1) + 2 * INTERVAL);
            matters.add(last().matterKey());
        }
        assertThat(heard()).hasSize(6);
        assertThat(keys()).hasSize(6);
        assertThat(matters).hasSize(3);
        assertNothingLeftAfter(40 * INTERVAL);
    }

    private OperatorSubtaskState checkpoint() throws Exception {
        OperatorSubtaskState state = harness.snapshot(++checkpoints, clock);
        harness.notifyOfCompletedCheckpoint(checkpoints);
        return state;
    }

    private void assertNothingLeftAfter(long seconds) throws Exception {
        checkpoint();
        at(seconds);
        assertThat(heard()).isEmpty();
        if (restored) {
            at(seconds + TimeUnit.MILLISECONDS.toSeconds(TellAlerts.EPOCH_AFTER_RESTART_MILLIS));
            checkpoint();
            at(clock / 1_000 - T0 / 1_000 + 2 * INTERVAL);
            assertThat(heard()).isEmpty();
        }
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    private static KeyedOneInputStreamOperatorTestHarness<
                    String, AlertInstance, NotificationRequest>
            harness() throws Exception {
        AlertRouting routing =
                new AlertRouting(
                        List.of(),
                        List.of("mail", "pager"),
                        Map.of("pager", Severity.CRITICAL),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(INTERVAL),
                        "https://dash.example/{alert_id}");
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new TellAlerts(routing)),
                TellAlerts::group,
                Types.STRING);
    }

    private void restore(OperatorSubtaskState state, long seconds) throws Exception {
        harness.close();
        restored = true;
        harness = harness();
        harness.initializeState(state);
        harness.open();
        heard = 0;
        at(seconds);
    }

    private void at(long seconds) throws Exception {
        clock = T0 + seconds * 1_000;
        harness.setProcessingTime(clock);
    }

    private void change(String key, AlertStatus status, Severity severity) throws Exception {
        send(alert(key, status, severity, true));
    }

    private void send(AlertInstance alert) throws Exception {
        harness.processElement(new StreamRecord<>(alert));
    }

    private AlertInstance alert(String key, AlertStatus status, Severity severity, boolean told) {
        AlertInstance before = known.get(key);
        return alert(
                key, status, severity, told, Math.max(clock, before == null ? 0 : before.at() + 1));
    }

    private AlertInstance alert(
            String key, AlertStatus status, Severity severity, boolean told, long time) {
        boolean over = status == AlertStatus.RESOLVED;
        AlertInstance alert =
                new AlertInstance(
                        new AlertSubject(
                                key,
                                "ab",
                                "rule",
                                1,
                                "what it means",
                                "look there",
                                ofRule,
                                escalation,
                                "acme",
                                "shop",
                                "shop|acme|used_pct|table=" + key,
                                "used_pct",
                                Map.of("table", key),
                                "%",
                                "shop",
                                List.of(),
                                "",
                                0,
                                false,
                                0),
                        status,
                        severity,
                        97,
                        90,
                        key,
                        T0,
                        T0,
                        0,
                        "",
                        0,
                        "",
                        over ? time : 0,
                        over ? "in order again" : "",
                        false,
                        told,
                        time,
                        earlier);
        known.put(key, alert);
        return alert;
    }

    private Notification last() {
        List<NotificationRequest> all = harness.extractOutputValues();
        return all.get(all.size() - 1).notification();
    }

    private Set<String> keys() {
        Set<String> keys = new HashSet<>();
        harness.extractOutputValues()
                .forEach(request -> keys.add(request.notification().idempotencyKey()));
        return keys;
    }

    /** What came since the last time. */
    private List<String> heard() {
        List<NotificationRequest> all = harness.extractOutputValues();
        List<String> said =
                all.subList(heard, all.size()).stream()
                        .map(
                                request ->
                                        "%s %s %s %s +%d"
                                                .formatted(
                                                        request.channel(),
                                                        request.notification().status(),
                                                        request.notification().severity(),
                                                        request.notification().what(),
                                                        request.notification().relatedCount()))
                        .toList();
        heard = all.size();
        return said;
    }
}
