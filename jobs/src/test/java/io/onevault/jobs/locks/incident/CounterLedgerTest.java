package io.onevault.jobs.locks.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.DeadlockCount;
import io.onevault.jobs.locks.incident.CounterLedger.Surplus;
import org.junit.jupiter.api.Test;

class CounterLedgerTest {

    private static final long SECOND = 1_000_000;
    private static final long START = 1_700_000_000 * SECOND;
    private static final long HOUR = 3_600 * SECOND;

    private static DeadlockCount count(long many) {
        return new DeadlockCount("shop", many, 5);
    }

    private static CounterLedger readOnce() {
        return CounterLedger.unread("shop").read(count(7), START);
    }

    @Test
    void theFirstReadingIsOnlyWhereCountingBegins() {
        assertThat(readOnce().isEven()).isTrue();
        assertThat(readOnce().read(count(7), START + SECOND).isEven()).isTrue();
    }

    @Test
    void whatIsKnownBeforeItIsCountedIsSetOff() {
        CounterLedger ledger = readOnce().known(START + 1).known(START + 2);
        assertThat(ledger.isEven()).isFalse();
        assertThat(ledger.read(count(8), START + SECOND).credits()).containsExactly(START + 2);
        assertThat(ledger.read(count(9), START + SECOND).isEven()).isTrue();
    }

    @Test
    void whatIsCountedBeforeItIsKnownIsSetOff() {
        CounterLedger ledger = readOnce().read(count(9), START + SECOND);
        assertThat(ledger.surplus()).containsExactly(new Surplus(START + SECOND, 2));
        ledger = ledger.known(START + 2 * SECOND);
        assertThat(ledger.surplus()).containsExactly(new Surplus(START + SECOND, 1));
        assertThat(ledger.known(START + 3 * SECOND).isEven()).isTrue();
    }

    @Test
    void theOldestSurplusIsTakenFirst() {
        CounterLedger ledger =
                readOnce().read(count(9), START + SECOND).read(count(12), START + 2 * SECOND);
        assertThat(ledger.taken(3).surplus()).containsExactly(new Surplus(START + 2 * SECOND, 2));
        assertThat(ledger.taken(5).isEven()).isTrue();
    }

    @Test
    void aCounterThatBeganAnewCountsFromZero() {
        CounterLedger reset = readOnce().read(new DeadlockCount("shop", 2, 6), START + SECOND);
        assertThat(reset.surplus()).containsExactly(new Surplus(START + SECOND, 2));
        assertThat(readOnce().read(count(1), START + SECOND).surplus())
                .containsExactly(new Surplus(START + SECOND, 1));
    }

    @Test
    void ofWhatWasBeforeTheFirstReadingNobodyKnowsWhetherItIsInIt() {
        CounterLedger ledger = CounterLedger.unread("shop").known(START - 1);
        ledger = ledger.read(count(7), START);
        assertThat(ledger.read(count(8), START + 30 * SECOND).isEven()).isTrue();
        CounterLedger later = ledger.read(count(7), START + 90 * SECOND);
        assertThat(later.read(count(8), START + 100 * SECOND).surplus()).hasSize(1);
    }

    @Test
    void whatIsNotCountedForAnHourIsNotCountedAnyMore() {
        CounterLedger ledger = readOnce().known(START + 1);
        assertThat(ledger.read(count(8), START + HOUR).isEven()).isTrue();
        assertThat(ledger.read(count(8), START + HOUR + 2).surplus()).hasSize(1);
    }

    @Test
    void whatWasCountedForSomethingElseIsReturned() {
        CounterLedger ledger = readOnce().read(count(8), START + SECOND).taken(1);
        assertThat(ledger.returned(START + 2).surplus()).containsExactly(new Surplus(START + 2, 1));
        assertThat(ledger.known(START + 1).returned(START + 2).isEven()).isTrue();
    }

    @Test
    void underAClockThatWasSetBackAllGoesOn() {
        CounterLedger known = readOnce().known(START + 1).setBack(START - HOUR);
        assertThat(known.read(count(8), START - HOUR + 100 * SECOND).isEven()).isTrue();
        CounterLedger counted = readOnce().read(count(8), START + 1).setBack(START - HOUR);
        assertThat(counted.surplus()).containsExactly(new Surplus(START - HOUR, 1));
        assertThat(counted.known(START - HOUR + 1).isEven()).isTrue();
    }
}
