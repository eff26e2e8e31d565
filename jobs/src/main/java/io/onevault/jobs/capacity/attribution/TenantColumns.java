package io.onevault.jobs.capacity.attribution;

import io.onevault.connectors.model.FieldValue;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds a row's owner by the names of its columns, as a Data Vault gives them, so that the answer
 * does not depend on which tables were seen before:
 *
 * <ul>
 *   <li>A table with the tenant column ({@code tenant_hk}) says its tenant itself. If its primary
 *       key is one other column, it is a hub: rows elsewhere that have a column of that name and
 *       value belong to it.
 *   <li>A table whose primary key is the tenant column alone is the hub of tenants. The column that
 *       ends in {@code _bk} instead of {@code _hk} is the tenant's name.
 *   <li>Any other row belongs to the hub in the first column that ends as the tenant column does
 *       ({@code _hk}) and is not the table's whole primary key.
 *   <li>A row without such a column, or with null in it, belongs to nobody.
 * </ul>
 */
public final class TenantColumns implements Serializable {

    private static final long serialVersionUID = 1L;
    private static final String BUSINESS_KEY = "_bk";

    private final String tenantColumn;
    private final String suffix;
    private final String nameColumn;
    private final Map<String, String> ownerColumns;

    /**
     * @param tenantColumn the column by which hubs know their tenant
     * @param ownerColumns for tables ({@code schema.table}) whose names do not tell, the column
     *     that holds the hub's key
     */
    public TenantColumns(String tenantColumn, Map<String, String> ownerColumns) {
        int underscore = tenantColumn.lastIndexOf('_');
        this.tenantColumn = tenantColumn;
        this.suffix = underscore < 0 ? "" : tenantColumn.substring(underscore);
        this.nameColumn = tenantColumn.substring(0, Math.max(underscore, 0)) + BUSINESS_KEY;
        this.ownerColumns = Map.copyOf(ownerColumns);
    }

    Ownership of(String target, String relation, List<FieldValue> key, List<FieldValue> row) {
        FieldValue tenant = column(row, tenantColumn);
        if (tenant != null) {
            return direct(target, relation, key, row, tenant);
        }
        FieldValue owner = ownerColumn(relation, key, row);
        if (owner != null && owner.unchanged()) {
            return new Ownership(null, null, null);
        }
        if (owner == null || owner.text() == null) {
            return new Ownership(nobody(target, relation), null, null);
        }
        return new Ownership(owner(target, owner.name(), owner.text()), null, null);
    }

    private Ownership direct(
            String target,
            String relation,
            List<FieldValue> key,
            List<FieldValue> row,
            FieldValue tenant) {
        String value = tenant.text();
        FieldValue only = key.size() == 1 ? key.get(0) : null;
        if (only != null && only.text() != null && !only.name().equals(tenantColumn)) {
            return new Ownership(
                    owner(target, only.name(), only.text()), value == null ? "" : value, null);
        }
        if (value == null) {
            return new Ownership(nobody(target, relation), null, null);
        }
        FieldValue name = only == null ? null : column(row, nameColumn);
        return new Ownership(
                owner(target, tenantColumn, value), value, name == null ? null : name.text());
    }

    private @Nullable FieldValue ownerColumn(
            String relation, List<FieldValue> key, List<FieldValue> row) {
        String named = ownerColumns.get(relation);
        if (named != null) {
            return column(row, named);
        }
        if (suffix.isEmpty()) {
            return null;
        }
        String ownKey = key.size() == 1 ? key.get(0).name() : "";
        for (FieldValue field : row) {
            if (field.name().endsWith(suffix) && !field.name().equals(ownKey)) {
                return field;
            }
        }
        return null;
    }

    private static Digest owner(String target, String column, String value) {
        return Digest.of(List.of("owner", target, column, value));
    }

    private static Digest nobody(String target, String relation) {
        return Digest.of(List.of("nobody", target, relation));
    }

    private static @Nullable FieldValue column(List<FieldValue> row, String name) {
        for (FieldValue field : row) {
            if (field.name().equals(name)) {
                return field;
            }
        }
        return null;
    }
}
