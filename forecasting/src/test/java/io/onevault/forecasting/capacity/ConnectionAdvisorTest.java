package io.onevault.forecasting.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.onevault.forecasting.capacity.ConnectionAdvisor.Advice;
import io.onevault.forecasting.capacity.ConnectionAdvisor.Limit;
import io.onevault.forecasting.capacity.ConnectionAdvisor.Option;
import io.onevault.forecasting.capacity.ConnectionSetup.PgBouncer;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ConnectionAdvisorTest {

    @Test
    void leavesASufficientSetupAlone() {
        Advice advice = ConnectionAdvisor.advise(setup(OptionalInt.empty(), null), 300);

        assertThat(advice.limit()).isEqualTo(Limit.POOLS);
        assertThat(advice.users()).isEqualTo(400);
        assertThat(advice.action()).startsWith("Nothing to do. 4 pods x 10 connections = 40");
    }

    @Test
    void proposesTheSmallestChangeThatIsEnough() {
        Advice advice = ConnectionAdvisor.advise(setup(OptionalInt.empty(), null), 700);

        assertThat(advice.action()).startsWith("Raise the pool size per pod from 10 to 20");
        assertThat(advice.options().get(0).users()).isEqualTo(800);
        assertThat(advice.options()).filteredOn(Option::enough).isNotEmpty();
    }

    @Test
    void findsTheRoleLimit() {
        Advice advice = ConnectionAdvisor.advise(setup(OptionalInt.of(30), null), 500);

        assertThat(advice.limit()).isEqualTo(Limit.ROLE_LIMIT);
        assertThat(advice.usable()).isEqualTo(27);
        assertThat(advice.users()).isEqualTo(270);
        assertThat(advice.action()).startsWith("Raise the role's limit from 30 to 90");
    }

    @Test
    void countsUsersPerExecutingConnectionBehindPgBouncer() {
        Advice plain = ConnectionAdvisor.advise(setup(OptionalInt.empty(), null), 3_000);
        Advice pooled =
                ConnectionAdvisor.advise(
                        setup(OptionalInt.empty(), new PgBouncer(20, 1_000)), 3_000);

        assertThat(plain.action()).startsWith("Put PgBouncer in transaction mode in between");
        assertThat(pooled.limit()).isEqualTo(Limit.PGBOUNCER);
        assertThat(pooled.usable()).isEqualTo(20);
    }

    @Test
    void assumesOneUserPerConnectionWithoutMeasurements() {
        ConnectionSetup unmeasured =
                new ConnectionSetup(4, 10, OptionalInt.empty(), 100, 10, null, 0, 0, 0);

        assertThat(ConnectionAdvisor.advise(unmeasured, 10).users()).isEqualTo(40);
    }

    @Test
    void behindPgBouncerItsPoolIsWhatPodsAndPoolsCanUse() {
        // 40 clients share 20 connections of 81 that could be.
        Advice advice =
                ConnectionAdvisor.advise(pooled(4, 10, OptionalInt.empty(), 20, 1_000), 3_000);
        assertThat(advice.users()).as("50 for each of 8 that executed").isEqualTo(1_000);
        assertThat(advice.options())
                .as("pods and pools have more than the pool already")
                .extracting(Option::name)
                .containsExactly("larger pgbouncer pool", "higher cluster limit");
        assertThat(advice.options().get(0).connections()).as("no more than clients").isEqualTo(40);
        assertThat(advice.action())
                .startsWith("No single change is enough")
                .contains("and PgBouncer's pool size from 20 to 40: 40 connections, 2000 users.");
        assertThat(
                        ConnectionAdvisor.advise(
                                        pooled(4, 10, OptionalInt.empty(), 20, 1_000), 1_900)
                                .action())
                .startsWith("Raise PgBouncer's pool size from 20 to 40: 40 connections");
    }

    @Test
    void behindPgBouncerTooFewClientsAreTheLimit() {
        Advice pods = ConnectionAdvisor.advise(pooled(1, 10, OptionalInt.empty(), 30, 1_000), 900);
        assertThat(pods.limit()).isEqualTo(Limit.POOLS);
        assertThat(pods.users()).isEqualTo(500);
        assertThat(pods.options())
                .extracting(Option::name, Option::connections)
                .containsExactly(tuple("larger pools", 30), tuple("more pods", 30));
        Advice clients = ConnectionAdvisor.advise(pooled(4, 10, OptionalInt.of(50), 30, 12), 900);
        assertThat(clients.limit()).isEqualTo(Limit.PGBOUNCER);
        assertThat(clients.usable()).as("of max_clients").isEqualTo(12);
        assertThat(clients.options())
                .extracting(Option::name, Option::connections)
                .containsExactly(tuple("more pgbouncer clients", 30));
        Advice role = ConnectionAdvisor.advise(pooled(4, 10, OptionalInt.of(20), 30, 900), 1_800);
        assertThat(role.limit()).isEqualTo(Limit.ROLE_LIMIT);
        assertThat(role.action())
                .startsWith("Raise the role's limit from 20 to 90 and PgBouncer's pool size");
    }

    private static ConnectionSetup pooled(
            int pods, int pool, OptionalInt roleLimit, int pgBouncerPool, int maxClients) {
        return new ConnectionSetup(
                pods,
                pool,
                roleLimit,
                100,
                10,
                new PgBouncer(pgBouncerPool, maxClients),
                400,
                18,
                8);
    }

    @Test
    void proposesNoPoolerUntilItIsKnownWhatExecuted() {
        ConnectionSetup plain =
                new ConnectionSetup(4, 10, OptionalInt.empty(), 100, 10, null, 400, 40, 0);
        assertThat(ConnectionAdvisor.advise(plain, 3_000).options())
                .extracting(Option::name)
                .containsExactly("larger pools", "more pods", "higher cluster limit");

        ConnectionSetup pooled =
                new ConnectionSetup(
                        4, 10, OptionalInt.empty(), 100, 10, new PgBouncer(20, 1_000), 400, 20, 0);
        assertThat(ConnectionAdvisor.advise(pooled, 400).users())
                .as("as many as there were for an open one")
                .isEqualTo(400);

        ConnectionSetup full =
                new ConnectionSetup(1, 450, OptionalInt.empty(), 500, 0, null, 400, 450, 0);
        assertThat(ConnectionAdvisor.advise(full, 3_000).action())
                .startsWith("No change is known that helps. 1 pods x 450");
    }

    @Test
    void saysWhenNoSingleChangeIsEnough() {
        Advice advice = ConnectionAdvisor.advise(setup(OptionalInt.empty(), null), 1_000_000);

        assertThat(advice.action()).startsWith("No single change is enough");
    }

    private static ConnectionSetup setup(
            OptionalInt roleLimit, @org.jspecify.annotations.Nullable PgBouncer pooler) {
        return new ConnectionSetup(4, 10, roleLimit, 100, 10, pooler, 400, 40, 8);
    }
}
