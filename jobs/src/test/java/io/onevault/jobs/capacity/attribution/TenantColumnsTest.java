package io.onevault.jobs.capacity.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.FieldValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TenantColumnsTest {

    private final TenantColumns columns =
            new TenantColumns("tenant_hk", Map.of("s.odd", "belongs_to_hk"));

    @Test
    void hubOwnsItselfAndItsSatellitesAndLinks() {
        Ownership hub = of("s.a_h", 1, "a_hk=1", "a_bk=x", "tenant_hk=t");
        assertThat(hub.tenant()).isEqualTo("t");
        assertThat(of("s.a_s", 2, "a_hk=1", "load_date=d").owner()).isEqualTo(hub.owner());
        assertThat(of("s.a_b_l", 1, "a_b_hk=9", "a_hk=1", "b_hk=2").owner()).isEqualTo(hub.owner());
        assertThat(of("s.a_s", 2, "a_hk=2", "load_date=d").owner()).isNotEqualTo(hub.owner());
        assertThat(of("s.a_s", 2, "a_hk=1", "load_date=d").tenant()).isNull();
    }

    @Test
    void tableWithTheTenantColumnNeedsNoHub() {
        Ownership row = of("s.settings", 2, "tenant_hk=t", "name=n");
        assertThat(row.tenant()).isEqualTo("t");
        assertThat(of("s.other", 2, "x=1", "tenant_hk=t").owner()).isEqualTo(row.owner());
        Ownership tenant = of("auth.tenant_h", 1, "tenant_hk=t", "tenant_bk=acme");
        assertThat(tenant.owner()).isEqualTo(row.owner());
        assertThat(tenant.name()).isEqualTo("acme");
    }

    @Test
    void ownerColumnMayBeSaid() {
        Ownership hub = of("s.belongs_to_h", 1, "belongs_to_hk=1", "tenant_hk=t");
        assertThat(of("s.odd", 1, "k=1", "a_hk=1", "belongs_to_hk=1").owner())
                .isEqualTo(hub.owner());
    }

    @Test
    void rowWithoutOwnerBelongsToNobodyAndNobodyToNoOther() {
        Ownership row = of("s.plain", 1, "id=1", "text=t");
        assertThat(row.owner()).isNotNull();
        assertThat(of("s.a_s", 2, "load_date=d", "n=1", "a_hk").owner()).isNotEqualTo(row.owner());
        assertThat(of("s.settings", 2, "a=1", "b=2", "tenant_hk").tenant()).isNull();
    }

    private Ownership of(String relation, int keys, String... fields) {
        List<FieldValue> row = new ArrayList<>();
        for (String field : fields) {
            String[] parts = field.split("=", 2);
            row.add(new FieldValue(parts[0], "text", parts.length == 1 ? null : parts[1], false));
        }
        return columns.of("prod", relation, row.subList(0, keys), row);
    }
}
