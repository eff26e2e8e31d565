package io.onevault.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * A vault's schema as sorted lines that do not depend on the server's version: no view texts, which
 * versions print differently, no named not-null constraints (18), no owner's privileges (17 has one
 * more), no partitions.
 */
final class SchemaDescription {

    private static final String RELATIONS =
            """
            relation AS (
                SELECT c.oid, c.oid::regclass::text AS name, c.relkind, c.relacl, c.relowner
                FROM pg_class c
                WHERE c.relnamespace::regnamespace::text = ANY (util.vault_schemas() || ARRAY['util', 'auth'])
                    AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
                    AND c.relname <> 'flyway_schema_history'
            )
            """;

    private SchemaDescription() {}

    static List<String> of(Connection vault) throws SQLException {
        List<String> lines = new ArrayList<>();
        lines.addAll(
                Rows.of(
                        vault,
                        "WITH "
                                + RELATIONS
                                + """
                                SELECT 'column', name, relkind, attnum, attname, format_type(atttypid, atttypmod),
                                       attnotnull, pg_get_expr(adbin, adrelid)
                                FROM relation
                                JOIN pg_attribute a ON attrelid = oid AND attnum > 0 AND NOT attisdropped
                                LEFT JOIN pg_attrdef d ON adrelid = attrelid AND adnum = attnum
                                ORDER BY name, attnum
                                """));
        lines.addAll(
                Rows.of(
                        vault,
                        "WITH "
                                + RELATIONS
                                + """
                                SELECT 'constraint', name, conname, pg_get_constraintdef(c.oid)
                                FROM relation JOIN pg_constraint c ON conrelid = relation.oid AND contype <> 'n'
                                ORDER BY name, conname
                                """));
        lines.addAll(
                Rows.of(
                        vault,
                        "WITH "
                                + RELATIONS
                                + """
                                SELECT 'index', pg_get_indexdef(indexrelid)
                                FROM relation JOIN pg_index ON indrelid = oid
                                ORDER BY 2
                                """));
        lines.addAll(
                Rows.of(
                        vault,
                        "WITH "
                                + RELATIONS
                                + """
                                SELECT 'policy', name, polname, polcmd, polroles::regrole[],
                                       pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
                                FROM relation JOIN pg_policy ON polrelid = relation.oid
                                ORDER BY name, polname
                                """));
        lines.addAll(
                Rows.of(
                        vault,
                        "WITH "
                                + RELATIONS
                                + """
                                SELECT 'grant', name, grantee::regrole, privilege_type
                                FROM relation, aclexplode(relacl)
                                WHERE grantee <> relowner
                                ORDER BY name, 3::text, 4
                                """));
        lines.addAll(
                Rows.of(
                        vault,
                        """
                        SELECT 'function', oid::regprocedure, prosecdef, provolatile, proconfig, prosrc
                        FROM pg_proc WHERE pronamespace = 'util'::regnamespace
                        ORDER BY 2::text
                        """));
        return lines;
    }
}
