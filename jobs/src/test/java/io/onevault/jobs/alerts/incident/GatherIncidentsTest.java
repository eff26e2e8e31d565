package io.onevault.jobs.alerts.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.history.RememberedIncident;
import io.onevault.connectors.vault.HashKey;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import io.onevault.jobs.alerts.lifecycle.Earlier;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.lifecycle.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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

class GatherIncidentsTest {

    private static final long T0 = Instant.parse("2026-11-18T12:00:00Z").toEpochMilli();

    private final Map<String, AlertInstance> known = new HashMap<>();
    private KeyedOneInputStreamOperatorTestHarness<String, AlertInstance, Incident> harness;
    private @Nullable Earlier earlier;
    private long clock;
    private int heard;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
        pass(0);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @ParameterizedTest
    @ValueSource(classes = {Incident.class, IncidentMember.class, IncidentState.class})
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void opensWithTheFirstAlertAndClosesWithTheLast() throws Exception {
        send("a", "shop", AlertStatus.PENDING, "");
        pass(1);
        send("a", "shop", AlertStatus.FIRING, "");
        pass(1);
        assertThat(heard()).containsExactly("a on shop OPEN WARNING 1/1 joined [a]");
        send("b", "shop", AlertStatus.FIRING, "");
        send("c", "bank", AlertStatus.FIRING, "");
        pass(1);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "a on shop OPEN WARNING 2/2 joined [b]",
                        "c on bank OPEN WARNING 1/1 joined [c]");
        send("a", "shop", AlertStatus.RESOLVED, "");
        pass(10);
        assertThat(heard()).containsExactly("a on shop OPEN WARNING 1/2 joined []");
        send("b", "shop", AlertStatus.RESOLVED, "");
        assertThat(heard()).containsExactly("a on shop RESOLVED WARNING 0/2 joined []");
        Incident last = last();
        assertThat(last.openedAt()).isEqualTo(T0 + 1_000);
        assertThat(last.closedAt()).isEqualTo(T0 + 13_000);
        send("c", "bank", AlertStatus.RESOLVED, "");
        assertThatNothingIsKept();
        send("b", "shop", AlertStatus.FIRING, "");
        pass(1);
        assertThat(last().key())
                .as("trouble that comes again is another one")
                .isNotEqualTo(last.key());
    }

    @Test
    void anIncidentThatOnlyTheVaultRemembersGoesOnToItsEnd() throws Exception {
        pass(3_600);
        earlier = ofIncident(1);
        send("a", "shop", AlertStatus.FIRING, "");
        send("b", "shop", AlertStatus.FIRING, "");
        earlier = null;
        pass(1);
        assertThat(heard())
                .as("with one that was over before")
                .containsExactly("x on shop OPEN CRITICAL 2/3 joined [a, b]");
        assertThat(last().key()).isEqualTo("x");
        assertThat(last().openedAt()).isEqualTo(T0 - 5_000);
        assertThat(last().at()).isGreaterThan(T0 - 1_000);
        send("a", "shop", AlertStatus.RESOLVED, "");
        pass(10);
        send("b", "shop", AlertStatus.RESOLVED, "");
        assertThat(heard())
                .last()
                .asString()
                .isEqualTo("x on shop RESOLVED CRITICAL 0/3 joined []");
        pass(1);
        assertThatNothingIsKept();
    }

    @Test
    void anIncidentIsNotOverBeforeItsAlertsHadTimeToBeTakenUp() throws Exception {
        earlier = ofIncident(0);
        pass(3_600);
        send("a", "shop", AlertStatus.FIRING, "");
        send("a", "shop", AlertStatus.RESOLVED, "");
        earlier = null;
        send("other", "shop", AlertStatus.FIRING, "");
        pass(5);
        assertThat(heard())
                .as("what fires meanwhile is none of it")
                .containsExactly("other on shop OPEN WARNING 1/1 joined [other]");
        restart();
        clock -= 3_500_000;
        earlier = ofIncident(0);
        send("b", "shop", AlertStatus.FIRING, "");
        earlier = null;
        clock += 3_500_000;
        pass(20);
        assertThat(heard()).containsExactly("x on shop OPEN CRITICAL 1/2 joined [a, b]");
        assertThat(last().at()).as("after the end of the other").isGreaterThan(T0 + 3_600_000);
        send("b", "shop", AlertStatus.RESOLVED, "");
        assertThat(heard()).containsExactly("x on shop RESOLVED CRITICAL 0/2 joined []");
        send("other", "shop", AlertStatus.RESOLVED, "");
        pass(1);
        assertThatNothingIsKept();
    }

    @Test
    void anIncidentWhoseEndWasLostEndsWithTheAlertThatSpeaksForIt() throws Exception {
        earlier = ofIncident(1);
        send("a", "shop", AlertStatus.RESOLVED, "");
        assertThat(heard()).as("others may come").isEmpty();
        pass(10);
        assertThat(heard()).containsExactly("x on shop RESOLVED CRITICAL 0/2 joined [a]");
        assertThatNothingIsKept();
    }

    @Test
    void whatWasExplainedBeforeARestartIsCountedOnce() throws Exception {
        earlier = ofIncident(0, 2, "root");
        send("root", "shop", AlertStatus.FIRING, "");
        send("pool", "shop", AlertStatus.SUPPRESSED, by("root"));
        send("lag", "shop", AlertStatus.SUPPRESSED, by("root"));
        earlier = null;
        pass(1);
        assertThat(last().explained()).isEqualTo(2);
        send("slow", "shop", AlertStatus.SUPPRESSED, by("root"));
        pass(1);
        assertThat(last().explained()).isEqualTo(3);
        assertThat(last().key()).isEqualTo("x");
        assertThat(last().alerts()).isEqualTo(4);
    }

    private static Earlier ofIncident(int over) {
        return ofIncident(over, 0, "");
    }

    private static Earlier ofIncident(int over, int explained, String root) {
        return new Earlier(
                true,
                "",
                "",
                List.of(),
                new RememberedIncident(
                        "x",
                        "shop",
                        "x on shop",
                        "CRITICAL",
                        T0 - 5_000,
                        0,
                        over,
                        explained,
                        "",
                        root,
                        T0 - 1_000));
    }

    @Test
    void whatAnAlertExplainsJoinsItsIncidentAndItIsTheRootCause() throws Exception {
        send("root", "shop", AlertStatus.FIRING, "");
        pass(3_600);
        send("other", "shop", AlertStatus.FIRING, "");
        send("pool", "shop", AlertStatus.SUPPRESSED, by("root"));
        pass(1);
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "root on shop OPEN WARNING 1/1 joined [root]",
                        "other on shop OPEN WARNING 1/1 joined [other]",
                        "root on shop OPEN WARNING 2/2 joined [pool] root explains 1");
        send("down", "shop", AlertStatus.FIRING, "");
        send("other", "shop", AlertStatus.SUPPRESSED, by("down"));
        pass(1);
        assertThat(heard()).last().asString().startsWith("down on shop OPEN WARNING 2/2");
    }

    @Test
    void silencedAlertsThatWereNotToldBelongToNone() throws Exception {
        send("a", "shop", AlertStatus.SUPPRESSED, "silenced by ann until later: x");
        send("b", "shop", AlertStatus.SUPPRESSED, "outside business hours");
        pass(1);
        assertThat(heard()).isEmpty();
        assertThatNothingIsKept();
    }

    @Test
    void isAcknowledgedWhenAllThatWereToldAre() throws Exception {
        send("a", "shop", AlertStatus.FIRING, "");
        send("b", "shop", AlertStatus.FIRING, "");
        send("c", "shop", AlertStatus.SUPPRESSED, by("a"));
        pass(1);
        send("a", "shop", AlertStatus.ACKNOWLEDGED, "");
        pass(5);
        send("b", "shop", AlertStatus.ACKNOWLEDGED, "");
        pass(1);
        assertThat(last().status()).isEqualTo(Incident.Status.ACKNOWLEDGED);
        assertThat(last().acknowledgedAt()).isEqualTo(T0 + 6_000);
        send("b", "shop", AlertStatus.FIRING, "");
        pass(1);
        assertThat(last().status()).isEqualTo(Incident.Status.OPEN);
        assertThat(last().acknowledgedAt()).isEqualTo(T0 + 6_000);
    }

    @Test
    void restartGoesOn() throws Exception {
        send("a", "shop", AlertStatus.FIRING, "");
        restart();
        pass(1);
        assertThat(heard()).containsExactly("a on shop OPEN WARNING 1/1 joined [a]");
        restart();
        send("a", "shop", AlertStatus.RESOLVED, "");
        assertThat(heard()).containsExactly("a on shop RESOLVED WARNING 0/1 joined []");
        pass(1);
        assertThatNothingIsKept();
    }

    @Test
    void stormMakesFewRows() throws Exception {
        for (int i = 0; i < 2_000; i++) {
            send("a" + i, "shop", AlertStatus.FIRING, "");
        }
        pass(1);
        List<Incident> all = harness.extractOutputValues();
        assertThat(all).hasSizeLessThan(10);
        assertThat(all.stream().mapToInt(incident -> incident.joined().size()).sum())
                .isEqualTo(2_000);
        assertThat(last().alerts()).isEqualTo(2_000);
    }

    @Test
    void everyAlertThatWasToldIsOfOneIncidentThatEndsWithIt() throws Exception {
        Random random = new Random(6);
        Set<String> told = new HashSet<>();
        for (int step = 0; step < 3_000; step++) {
            pass(random.nextInt(200));
            String rule = "r" + random.nextInt(8);
            String target = random.nextBoolean() ? "shop" : "bank";
            AlertInstance before = known.get(rule + target);
            AlertStatus status =
                    AlertStatus.values()[
                            before == null || !before.open()
                                    ? random.nextInt(2)
                                    : 1 + random.nextInt(4)];
            boolean explained = status == AlertStatus.SUPPRESSED && random.nextBoolean();
            send(rule, target, status, explained ? by("r0") : "quiet");
            if (status == AlertStatus.FIRING || explained) {
                told.add(known.get(rule + target).subject().key());
            }
        }
        for (AlertInstance alert : List.copyOf(known.values())) {
            if (alert.open()) {
                send(
                        alert.subject().ruleName(),
                        alert.subject().target(),
                        AlertStatus.RESOLVED,
                        "");
            }
        }
        pass(1);
        assertThatNothingIsKept();
        Map<String, String> incidentOf = new HashMap<>();
        Map<String, Incident> last = new HashMap<>();
        for (Incident incident : harness.extractOutputValues()) {
            Incident before = last.put(incident.key(), incident);
            assertThat(before == null || before.at() < incident.at()).isTrue();
            assertThat(before == null || before.status() != Incident.Status.RESOLVED).isTrue();
            for (String alert : incident.joined()) {
                assertThat(incidentOf.put(alert, incident.key())).as(alert).isNull();
            }
        }
        assertThat(incidentOf.keySet()).isEqualTo(told);
        assertThat(last.values()).allMatch(i -> i.status() == Incident.Status.RESOLVED);
        assertThat(last.values().stream().mapToInt(Incident::alerts).sum()).isEqualTo(told.size());
        assertThat(last).hasSizeGreaterThan(5);
    }

    private String by(String rule) {
        AlertInstance cause = known.get(rule + "shop");
        String key = cause == null ? "none" : cause.subject().key();
        return AlertInstance.explainedBy(HexFormat.of().formatHex(HashKey.of(key)), rule);
    }

    private void send(String rule, String target, AlertStatus status, String by) throws Exception {
        AlertInstance before = known.get(rule + target);
        boolean goesOn = before != null && before.open();
        AlertSubject subject =
                goesOn
                        ? before.subject()
                        : new AlertSubject(
                                rule + "|" + target + "|" + clock + "|" + known.size(),
                                rule,
                                rule,
                                1,
                                "",
                                "",
                                List.of(),
                                List.of(),
                                "",
                                target,
                                target + "||" + rule,
                                rule,
                                Map.of(),
                                "",
                                target,
                                List.of(),
                                "",
                                0,
                                false,
                                0);
        long at = Math.max(T0 + clock, goesOn ? before.at() + 1 : 0);
        AlertInstance alert =
                new AlertInstance(
                        subject,
                        status,
                        Severity.WARNING,
                        1,
                        1,
                        rule,
                        T0 + clock,
                        goesOn && before.firedAt() != 0
                                ? before.firedAt()
                                : status == AlertStatus.PENDING ? 0 : T0 + clock,
                        0,
                        "",
                        0,
                        status == AlertStatus.SUPPRESSED ? by : "",
                        status == AlertStatus.RESOLVED ? at : 0,
                        "",
                        false,
                        goesOn && before.told() || status == AlertStatus.FIRING,
                        at,
                        earlier);
        known.put(rule + target, alert);
        harness.processElement(new StreamRecord<>(alert));
    }

    private void pass(long seconds) throws Exception {
        clock += seconds * 1_000;
        harness.setProcessingTime(T0 + clock);
    }

    private Incident last() {
        List<Incident> all = harness.extractOutputValues();
        return all.get(all.size() - 1);
    }

    private void assertThatNothingIsKept() {
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    private void restart() throws Exception {
        OperatorSubtaskState snapshot = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(snapshot);
        harness.open();
        harness.setProcessingTime(T0 + clock);
        heard = 0;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, AlertInstance, Incident> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new GatherIncidents()),
                alert -> GatherIncidents.key(alert, LifecycleSettings.DEFAULT),
                Types.STRING);
    }

    private List<String> heard() {
        List<Incident> all = harness.extractOutputValues();
        List<String> said = new ArrayList<>();
        for (Incident incident : all.subList(heard, all.size())) {
            said.add(
                    "%s %s %s %d/%d joined %s%s"
                            .formatted(
                                    incident.title(),
                                    incident.status(),
                                    incident.severity(),
                                    incident.open(),
                                    incident.alerts(),
                                    incident.joined().stream()
                                            .map(key -> key.substring(0, key.indexOf('|')))
                                            .toList(),
                                    incident.rootCause().isEmpty()
                                            ? ""
                                            : " %s explains %d"
                                                    .formatted(
                                                            incident.rootCause(),
                                                            incident.explained())));
        }
        heard = all.size();
        return said;
    }
}
