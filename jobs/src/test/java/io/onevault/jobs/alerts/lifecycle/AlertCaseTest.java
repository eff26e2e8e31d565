package io.onevault.jobs.alerts.lifecycle;

import static io.onevault.jobs.alerts.lifecycle.Alerting.ABOVE;
import static io.onevault.jobs.alerts.lifecycle.Alerting.at;
import static io.onevault.jobs.alerts.lifecycle.Alerting.explaining;
import static io.onevault.jobs.alerts.lifecycle.Alerting.holding;
import static io.onevault.jobs.alerts.lifecycle.Alerting.inBusinessHours;
import static io.onevault.jobs.alerts.lifecycle.Alerting.parameter;
import static io.onevault.jobs.alerts.lifecycle.Alerting.rule;
import static io.onevault.jobs.alerts.lifecycle.Alerting.suppressing;
import static io.onevault.jobs.alerts.lifecycle.Alerting.with;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.testing.TestRule;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlertCaseTest {

    private static final double NONE = Double.NaN;

    @Test
    void firesAtOnceWhereNothingHasToHold() {
        Alerting alert = new Alerting(ABOVE);
        alert.values(0, 10, 50, 85, 86, 60);
        assertThat(alert.heard()).containsExactly("FIRING WARNING 10", "RESOLVED WARNING 30");
        assertThat(alert.said.get(0).message())
                .isEqualTo("used_pct (database=app) on prod is 85 %, warning from 80 %");
        assertThat(alert.last().reason()).isEqualTo("in order again");
        assertThat(alert.last().subject().key())
                .isEqualTo(ABOVE.key() + "|2026-11-18T12:00:10Z|prod|acme|used_pct|database=app");
    }

    @Test
    void waitsUntilTheConditionHasHeld() {
        Alerting alert = new Alerting(holding(ABOVE, 30));
        alert.values(0, 10, 85, 85, 60, 85, 85, 85, 85, 85);
        assertThat(alert.heard())
                .containsExactly(
                        "PENDING WARNING 0",
                        "RESOLVED WARNING 20",
                        "PENDING WARNING 30",
                        "FIRING WARNING 60");
        assertThat(alert.said.get(1).told()).isFalse();
        assertThat(alert.last().pendingSince()).isEqualTo(at(30));
        assertThat(alert.last().firedAt()).isEqualTo(at(60));
    }

    @Test
    void aLateLookDoesNotFireForWhatIsOver() {
        Alerting alert = new Alerting(holding(ABOVE, 30));
        alert.value(0, 85);
        alert.value(300, 10);
        assertThat(alert.heard()).containsExactly("PENDING WARNING 0", "RESOLVED WARNING 300");
    }

    @Test
    void aShortPeakRaisesNoSeverity() {
        Alerting alert = new Alerting(holding(ABOVE, 30));
        alert.values(0, 10, 85, 85, 85, 99, 85, 99, 99, 99, 99);
        assertThat(alert.heard())
                .containsExactly("PENDING WARNING 0", "FIRING WARNING 30", "FIRING CRITICAL 80");
    }

    @Test
    void clearsOnlyAtItsClearLevel() {
        Alerting alert = new Alerting(ABOVE);
        alert.values(0, 10, 75, 85, 75, 71, 70);
        assertThat(alert.heard()).containsExactly("FIRING WARNING 10", "RESOLVED WARNING 40");
        Alerting below = new Alerting(rule(Condition.THRESHOLD, Direction.BELOW, 90, NONE, 95));
        below.values(0, 10, 92, 90, 92, 94.9, 95);
        assertThat(below.heard()).containsExactly("FIRING WARNING 10", "RESOLVED WARNING 40");
    }

    @Test
    void clearLevelOfZeroIsReached() {
        Alerting alert = new Alerting(rule(Condition.THRESHOLD, Direction.ABOVE, NONE, 1, 0));
        alert.values(0, 10, 1, 0.5, 0);
        assertThat(alert.heard()).containsExactly("FIRING CRITICAL 0", "RESOLVED CRITICAL 20");
    }

    @Test
    void becomesLessBadOnlyWhenItStaysSo() {
        Alerting alert = new Alerting(suppressing(ABOVE, 1));
        alert.values(0, 20, 99, 90, 99, 90, 90, 90, 90, 90);
        assertThat(alert.heard()).containsExactly("FIRING CRITICAL 0", "FIRING WARNING 120");
    }

    @Test
    void whatComesAgainSoonIsNotToldUnlessItIsWorse() {
        Alerting alert = new Alerting(suppressing(ABOVE, 5));
        alert.values(0, 10, 85, 60, 85, 60, 85);
        assertThat(alert.heard())
                .containsExactly(
                        "FIRING WARNING 0",
                        "RESOLVED WARNING 10",
                        "SUPPRESSED WARNING 20",
                        "RESOLVED WARNING 30",
                        "SUPPRESSED WARNING 40");
        assertThat(alert.last().suppressedBy()).isEqualTo("told before, ended less than 5 min ago");
        alert.value(300, 85);
        assertThat(alert.heard()).as("ten seconds early").isEmpty();
        alert.value(310, 85);
        assertThat(alert.heard()).containsExactly("FIRING WARNING 310");
        assertThat(alert.last().suppressedBy()).isEmpty();

        Alerting worse = new Alerting(suppressing(ABOVE, 5));
        worse.values(0, 10, 85, 60, 85, 99);
        assertThat(worse.heard()).endsWith("SUPPRESSED WARNING 20", "FIRING CRITICAL 30");
    }

    @Test
    void whatComesAndGoesStaysOpenUntilItIsQuiet() {
        Alerting alert = new Alerting(ABOVE);
        alert.values(0, 10, 85, 60, 85, 60, 85, 60, 85, 60, 85, 60);
        assertThat(alert.heard())
                .containsExactly(
                        "FIRING WARNING 0",
                        "RESOLVED WARNING 10",
                        "FIRING WARNING 20",
                        "RESOLVED WARNING 30",
                        "FIRING WARNING 40");
        assertThat(alert.last().flapping()).isTrue();
        alert.value(680, 60);
        assertThat(alert.heard()).isEmpty();
        alert.value(690, 60);
        assertThat(alert.heard()).containsExactly("RESOLVED WARNING 690");
    }

    @Test
    void waitsForBusinessHours() {
        Alerting alert = new Alerting(inBusinessHours(ABOVE));
        double evening = Duration.ofHours(7).toSeconds();
        double morning = Duration.ofHours(20).toSeconds();
        for (double time = evening; time < morning; time += 600) {
            alert.value(time, 85);
        }
        alert.value(morning - 1, 85);
        alert.value(morning, 85);
        assertThat(alert.heard())
                .containsExactly("SUPPRESSED WARNING 25200", "FIRING WARNING 72000");
        for (double time = morning; time < morning + 12 * 3_600; time += 600) {
            alert.value(time, 85);
        }
        assertThat(alert.heard()).as("what was told stays told").isEmpty();
    }

    @Test
    void absenceIsToldAndEndsWithTheNextValue() {
        AlertRule absent =
                parameter(
                        rule(Condition.ABSENCE, Direction.ABOVE, NONE, NONE, NONE),
                        "absent_seconds",
                        90);
        Alerting alert = new Alerting(absent);
        alert.values(0, 60, 1, NONE);
        assertThat(alert.current().nextDue(0)).isEqualTo(at(150));
        alert.pass(149.999);
        assertThat(alert.heard()).isEmpty();
        alert.pass(150);
        assertThat(alert.heard()).containsExactly("FIRING CRITICAL 150");
        assertThat(alert.last().message())
                .isEqualTo("used_pct (database=app) on prod has no value for 90 s");
        alert.value(200, 1);
        assertThat(alert.heard()).containsExactly("RESOLVED CRITICAL 200");
        alert.value(400, 1);
        assertThat(alert.heard())
                .as("the same without a timer between the values")
                .containsExactly("FIRING CRITICAL 290", "RESOLVED CRITICAL 400");
    }

    @Test
    void absenceIsNotCountedWhileNobodyLooked() {
        AlertRule absent =
                parameter(
                        rule(Condition.ABSENCE, Direction.ABOVE, 1, NONE, NONE),
                        "absent_seconds",
                        90);
        Alerting alert = new Alerting(absent);
        alert.value(0, 1);
        alert.current().pass(at(3_600), at(3_590));
        assertThat(alert.heard()).isEmpty();
        alert.current().pass(at(3_680), at(3_590));
        assertThat(alert.heard()).containsExactly("FIRING WARNING 3680");
    }

    @Test
    void rateOfChangeIsTheRiseWithinTheWindow() {
        AlertRule rising =
                parameter(
                        rule(Condition.RATE_OF_CHANGE, Direction.ABOVE, 20, 50, NONE),
                        "window_seconds",
                        60);
        Alerting alert = new Alerting(rising);
        alert.values(0, 10, 10, 15, 20, 25, 30, 30, 30);
        assertThat(alert.heard()).containsExactly("FIRING WARNING 40");
        assertThat(alert.last().message())
                .isEqualTo(
                        "used_pct (database=app) on prod changed by 20 % within 60 s,"
                                + " warning from 20 %");
        alert.value(80, 30);
        assertThat(alert.heard()).containsExactly("RESOLVED WARNING 80");
        alert.values(90, 10, 90, 5);
        assertThat(alert.heard()).containsExactly("FIRING CRITICAL 90", "RESOLVED CRITICAL 100");
        AlertRule falling =
                parameter(
                        rule(Condition.RATE_OF_CHANGE, Direction.BELOW, -20, NONE, NONE),
                        "window_seconds",
                        60);
        Alerting down = new Alerting(falling);
        down.values(0, 10, 30, 50, 31, 30, 80);
        assertThat(down.heard()).containsExactly("FIRING WARNING 30", "RESOLVED WARNING 40");
    }

    @Test
    void aRuleMayHaveWordsOfItsOwn() {
        Alerting alert =
                new Alerting(
                        TestRule.like(ABOVE)
                                .template(
                                        "{severity}: {label.database} uses {value} {unit} of"
                                                + " {target}, {threshold} is the limit ({rule})")
                                .build());
        alert.value(0, 85);
        assertThat(alert.last().message())
                .isEqualTo("warning: app uses 85 % of prod, 80 is the limit (used)");
        alert.value(10, 97);
        assertThat(alert.last().message())
                .isEqualTo("critical: app uses 97 % of prod, 95 is the limit (used)");
        Alerting longer =
                new Alerting(TestRule.like(ABOVE).template("{message} - {labels}").build());
        longer.value(0, 85);
        assertThat(longer.last().message())
                .isEqualTo(
                        "used_pct (database=app) on prod is 85 %, warning from 80 % -"
                                + " (database=app)");
    }

    @Test
    void acknowledgementCountsUntilItEndsOrThingsGetWorse() {
        Alerting alert = new Alerting(ABOVE);
        alert.value(0, 85);
        alert.note(1, 5, "ann", at(30));
        alert.values(10, 10, 85, 85, 85);
        assertThat(alert.heard())
                .containsExactly("FIRING WARNING 0", "ACKNOWLEDGED WARNING 5", "FIRING WARNING 30");
        alert.note(2, 35, "ann", 0);
        alert.values(40, 10, 85, 99);
        assertThat(alert.heard()).containsExactly("ACKNOWLEDGED WARNING 35", "FIRING CRITICAL 50");
        alert.note(3, 55, "ann", 0);
        alert.value(60, 10);
        assertThat(alert.heard())
                .containsExactly("ACKNOWLEDGED CRITICAL 55", "RESOLVED CRITICAL 60");
        assertThat(alert.last().acknowledgedBy()).isEqualTo("ann");
    }

    @Test
    void aSeriesThatIsGoneEndsItsAlert() {
        Alerting alert = new Alerting(ABOVE);
        alert.value(0, 85);
        assertThat(alert.current().nextDue(0)).isEqualTo(at(900));
        alert.pass(900);
        assertThat(alert.heard()).containsExactly("FIRING WARNING 0", "RESOLVED WARNING 900");
        assertThat(alert.last().reason()).isEqualTo("no value since 2026-11-18T12:00:00Z");
        alert.pass(4_500);
        assertThat(alert.current().isForgettable()).as("flaps are forgotten too").isTrue();
        alert.value(5_000, 85);
        assertThat(alert.heard()).containsExactly("FIRING WARNING 5000");
    }

    @Test
    void editedRuleGoesOnEndsOrBeginsAnew() {
        Alerting alert = new Alerting(ABOVE);
        alert.value(0, 85);
        alert.edit(1, with(ABOVE, 8, ABOVE.parameters(), 82, 95, 0, false, 0));
        assertThat(alert.heard()).containsExactly("FIRING WARNING 0");
        alert.edit(2, with(ABOVE, 9, ABOVE.parameters(), 90, 95, 0, false, 0));
        assertThat(alert.heard()).as("75 to 85 lie between clear and threshold").isEmpty();
        AlertRule plain = rule(Condition.THRESHOLD, Direction.ABOVE, 90, 95, NONE);
        alert.edit(3, with(plain, 10, plain.parameters(), 90, 95, 0, false, 0));
        assertThat(alert.heard()).containsExactly("RESOLVED WARNING 3");
        assertThat(alert.last().reason()).isEqualTo("in order by the changed rule");
        assertThat(alert.last().subject().ruleVersion()).isEqualTo(10);
        alert.value(10, 91);
        alert.edit(
                11,
                with(
                        rule(Condition.RATE_OF_CHANGE, Direction.ABOVE, 5, NONE, NONE),
                        11,
                        Map.of("window_seconds", "60"),
                        5,
                        NONE,
                        0,
                        false,
                        0));
        assertThat(alert.heard()).containsExactly("FIRING WARNING 10", "RESOLVED WARNING 11");
        assertThat(alert.last().reason()).isEqualTo("the rule has another condition");
    }

    @Test
    void whatARuleExplainsNowIsSaidOfTheAlertThatIsOpen() {
        Alerting alert = new Alerting(ABOVE);
        alert.edit(0, explaining(ABOVE, 8, "pool.*", "down"));
        alert.value(0, 85);
        alert.edit(1, explaining(ABOVE, 9, "pool.*", "down"));
        assertThat(alert.heard()).containsExactly("FIRING WARNING 0");
        alert.edit(2, explaining(ABOVE, 10, "", "down"));
        assertThat(alert.heard()).containsExactly("FIRING WARNING 2");
        assertThat(alert.last().subject().explains()).isEmpty();
        alert.edit(3, explaining(ABOVE, 11, "", "gone"));
        assertThat(alert.heard()).containsExactly("FIRING WARNING 3");
        assertThat(alert.last().subject().inhibitedBy()).containsExactly("gone");
        assertThat(alert.last().firedAt()).isEqualTo(at(0));
        alert.value(10, 60);
        assertThat(alert.heard()).containsExactly("RESOLVED WARNING 10");
    }

    @Test
    void whatIsOldOrNoNumberSaysNothing() {
        Alerting alert = new Alerting(ABOVE);
        alert.value(10, 85);
        alert.values(5, 5, 10, 10);
        alert.value(20, NONE);
        alert.value(30, Double.POSITIVE_INFINITY);
        assertThat(alert.heard()).containsExactly("FIRING WARNING 10");
    }

    @Test
    void aSilenceKeepsAnAlertFromBeingToldAndItFiresAfterwards() {
        Alerting alert = new Alerting(ABOVE);
        alert.silence("s", 0, 60);
        alert.values(0, 10, 85, 85);
        assertThat(alert.heard()).containsExactly("SUPPRESSED WARNING 0");
        assertThat(alert.last().suppressedBy())
                .isEqualTo("silenced by ann until 2026-11-18T12:01:00Z: maintenance s");
        alert.values(50, 10, 97, 97);
        assertThat(alert.heard()).containsExactly("SUPPRESSED CRITICAL 50", "FIRING CRITICAL 60");
        assertThat(alert.last().suppressedBy()).isEmpty();
    }

    @Test
    void aSilencedAlertThatWasToldIsResolved() {
        Alerting alert = new Alerting(ABOVE);
        alert.value(0, 85);
        alert.silence("s", 5, 60);
        alert.values(10, 10, 85, 85, 10);
        assertThat(alert.heard())
                .containsExactly(
                        "FIRING WARNING 0", "SUPPRESSED WARNING 10", "RESOLVED WARNING 30");
        assertThat(alert.last().told()).isTrue();
    }

    @Test
    void aSilenceThatIsTakenBackOrReplacedCountsFromTheNextValue() {
        Alerting alert = new Alerting(ABOVE);
        alert.silence("s", 0, 600);
        alert.value(0, 85);
        alert.silence("longer", 0, 900);
        alert.value(10, 85);
        assertThat(alert.last().suppressedBy()).endsWith("maintenance longer");
        assertThat(alert.last().suppressedAt()).isEqualTo(at(0));
        alert.unsilence("longer");
        alert.unsilence("s");
        alert.value(20, 85);
        assertThat(alert.heard())
                .containsExactly(
                        "SUPPRESSED WARNING 0", "SUPPRESSED WARNING 10", "FIRING WARNING 20");
    }

    @Test
    void theNewestNoteCountsWhateverBecomesOfOlderOnes() {
        Alerting alert = new Alerting(ABOVE);
        alert.value(0, 85);
        alert.note(1, 5, "ann", at(30));
        alert.note(2, 10, "ann", at(60));
        alert.noteEnded(1, 15);
        alert.note(1, 16, "bob", 0);
        alert.values(20, 10, 85, 85, 85, 85);
        assertThat(alert.heard())
                .as("longer, and not ended with the older row")
                .containsExactly("FIRING WARNING 0", "ACKNOWLEDGED WARNING 5");
        alert.value(60, 85);
        assertThat(alert.heard()).containsExactly("FIRING WARNING 60");
        alert.note(2, 61, "ann", at(60));
        assertThat(alert.heard()).as("read again").isEmpty();
        alert.note(2, 62, "ann", at(100));
        assertThat(alert.heard()).as("the row itself changed").hasSize(1);
        alert.note(3, 65, "bob", 0);
        assertThat(alert.heard()).containsExactly("ACKNOWLEDGED WARNING 65");
        assertThat(alert.last().acknowledgedBy()).isEqualTo("bob");
        alert.note(3, 70, "bob", at(70));
        assertThat(alert.heard()).as("ended by its time").containsExactly("FIRING WARNING 70");
    }

    @Test
    void aNewestNoteThatHasRunOutAlreadyEndsWhatTheOlderOneSaid() {
        Alerting alert = new Alerting(ABOVE);
        alert.value(0, 85);
        alert.note(1, 5, "ann", 0);
        alert.note(2, 10, "ann", at(10));
        assertThat(alert.heard())
                .containsExactly("FIRING WARNING 0", "ACKNOWLEDGED WARNING 5", "FIRING WARNING 10");
        alert.note(1, 15, "ann", 0);
        alert.value(20, 85);
        assertThat(alert.heard()).as("the older one, read again").isEmpty();
        alert.note(2, 25, "ann", at(60));
        assertThat(alert.heard()).as("made longer").containsExactly("ACKNOWLEDGED WARNING 25");
    }

    @Test
    void aNoteOfTheAlertBeforeDoesNotHinderOneOfTheNext() {
        Alerting alert = new Alerting(ABOVE);
        alert.value(0, 85);
        alert.note(9, 5, "ann", 0);
        alert.values(10, 10, 10, 85);
        alert.note(3, 25, "ann", 0);
        assertThat(alert.heard()).last().isEqualTo("ACKNOWLEDGED WARNING 25");
    }

    @Test
    void aNoteThatEndsDuringASilenceDoesNotMakeItFire() {
        Alerting alert = new Alerting(ABOVE);
        alert.value(0, 85);
        alert.note(4, 5, "ann", at(20));
        alert.silence("s", 10, 60);
        alert.values(10, 10, 85, 85, 85, 85, 85, 85);
        assertThat(alert.heard())
                .containsExactly(
                        "FIRING WARNING 0",
                        "ACKNOWLEDGED WARNING 5",
                        "SUPPRESSED WARNING 20",
                        "FIRING WARNING 60");
        Alerting other = new Alerting(ABOVE);
        other.value(0, 85);
        other.note(5, 5, "ann", 0);
        other.silence("s", 6, 60);
        other.noteEnded(5, 7);
        assertThat(other.heard()).last().isEqualTo("SUPPRESSED WARNING 7");
    }

    @Test
    void anAbsentSeriesIsSilencedAndReleasedByTimeAlone() {
        AlertRule absent = rule(Condition.ABSENCE, Direction.ABOVE, NONE, NONE, NONE);
        Alerting alert = new Alerting(parameter(absent, "absent_seconds", 60));
        alert.value(0, 1);
        alert.pass(60);
        alert.silence("s", 70, 200);
        alert.pass(150);
        assertThat(alert.heard()).containsExactly("FIRING CRITICAL 60", "SUPPRESSED CRITICAL 90");
        assertThat(alert.current().nextDue(0)).isEqualTo(at(180));
        alert.unsilence("s");
        alert.pass(180);
        assertThat(alert.heard()).containsExactly("FIRING CRITICAL 180");
    }
}
