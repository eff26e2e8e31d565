package io.onevault.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.sql.DeployProblems.ServerFacts;
import org.junit.jupiter.api.Test;

class DeployProblemsTest {

    private static final ServerFacts SUITABLE =
            new ServerFacts("vault", "14.0", 140_000, false, "UTF8", true, true, false);

    private static String problem(ServerFacts server) {
        return DeployProblems.unsuitable(server, "db1:5432/vault", "deployer");
    }

    @Test
    void findsNothingWrongWithTheOldestSupportedServer() {
        assertThat(problem(SUITABLE)).isNull();
    }

    @Test
    void refusesAServerThatIsTooOld() {
        assertThat(
                        problem(
                                new ServerFacts(
                                        "vault", "13.22", 130_022, false, "UTF8", true, true,
                                        true)))
                .isEqualTo(
                        "db1:5432/vault runs PostgreSQL 13.22: the vault needs version 14 or newer,"
                                + " upgrade the server");
    }

    @Test
    void refusesAStandby() {
        assertThat(
                        problem(
                                new ServerFacts(
                                        "vault", "17.2", 170_002, true, "UTF8", true, true, true)))
                .isEqualTo("db1:5432/vault is a read-only standby: deploy to its primary");
    }

    @Test
    void needsTheRightToCreateRolesOnlyWhileTheyAreMissing() {
        ServerFacts withRoles =
                new ServerFacts("vault", "17.2", 170_002, false, "UTF8", true, false, true);
        ServerFacts withoutRoles =
                new ServerFacts("vault", "17.2", 170_002, false, "UTF8", true, false, false);
        assertThat(problem(withRoles)).isNull();
        assertThat(problem(withoutRoles)).contains("ALTER ROLE \"deployer\" CREATEROLE");
    }
}
