package io.onevault.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SeedsTest {

    @Test
    void aStepIsDecidedBySeedClientAndNumberAlone() {
        long value = Seeds.step(1, "acme-web-1", 5).nextLong();

        assertThat(Seeds.step(1, "acme-web-1", 5).nextLong()).isEqualTo(value);
        assertThat(Seeds.step(2, "acme-web-1", 5).nextLong()).isNotEqualTo(value);
        assertThat(Seeds.step(1, "acme-web-2", 5).nextLong()).isNotEqualTo(value);
        assertThat(Seeds.step(1, "acme-web-1", 6).nextLong()).isNotEqualTo(value);
    }

    @Test
    void passwordsDependOnSeedAndRole() {
        assertThat(Seeds.password(1, "app_acme"))
                .hasSize(24)
                .isEqualTo(Seeds.password(1, "app_acme"))
                .isNotEqualTo(Seeds.password(2, "app_acme"))
                .isNotEqualTo(Seeds.password(1, "app_globex"));
    }

    @Test
    void largerTenantsAreDrawnMoreOften() {
        SplittableRandom random = new SplittableRandom(3);
        Map<String, Integer> drawn = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            drawn.merge(Tenant.draw(random).name(), 1, Integer::sum);
        }

        for (int i = 1; i < Tenant.ALL.size(); i++) {
            assertThat(drawn.get(Tenant.ALL.get(i).name()))
                    .isLessThan(drawn.get(Tenant.ALL.get(i - 1).name()));
        }
    }

    @Test
    void settingsThatCannotWorkAreNamed() {
        Workload.Builder builder = Workload.builder("jdbc:postgresql://127.0.0.1/x");

        assertThatThrownBy(() -> builder.clients(3)).hasMessageContaining("at least 4");
        assertThatThrownBy(() -> builder.rate(0)).hasMessageContaining("rate");
        assertThatThrownBy(() -> builder.deadlocksPerMinute(-1))
                .hasMessageContaining("deadlocksPerMinute");
        assertThatThrownBy(() -> Workload.builder("jdbc:postgresql://h/x?user=postgres"))
                .hasMessageContaining("without a user");
    }
}
