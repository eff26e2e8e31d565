package io.onevault.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class VaultDeployerIT {

    static final List<Integer> VERSIONS = PostgresServer.SUPPORTED_VERSIONS;

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void deploysIntoAnEmptyDatabaseAndChangesNothingTheSecondTime(int version) {
        try (PostgresServer server = PostgresServer.builder(version).start()) {
            server.createDatabase("vault");
            VaultDeployer deployer =
                    new VaultDeployer(server.jdbcUrl("vault"), PostgresServer.SUPERUSER, () -> "");

            DeployReport first = deployer.deploy();
            DeployReport second = deployer.deploy();

            assertThat(first.fromVersion()).isEmpty();
            assertThat(first.migrations()).isNotEmpty();
            assertThat(first.partitionsCreated()).isPositive();
            assertThat(second.fromVersion()).isEqualTo(first.toVersion());
            assertThat(second.migrations()).isEmpty();
            assertThat(second.partitionsCreated()).isZero();
        }
    }
}
