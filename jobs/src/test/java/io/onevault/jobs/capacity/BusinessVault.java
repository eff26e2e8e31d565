package io.onevault.jobs.capacity;

import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A small business vault that several tenants share, and what it holds of each. */
final class BusinessVault {

    static final String DATABASE = "business";
    static final String SLOT = "growth";

    /** Satellites before their hubs, so that a snapshot brings rows whose tenant is not known. */
    static final List<String> TABLES =
            List.of(
                    "business.asset_details_s",
                    "business.customer_asset_l",
                    "business.asset_h",
                    "business.customer_h",
                    "business.note",
                    "auth.tenant_h");

    private static final String[] SCHEMA = {
        "CREATE SCHEMA business",
        "CREATE SCHEMA auth",
        """
        CREATE TABLE auth.tenant_h (tenant_hk BYTEA PRIMARY KEY, tenant_bk TEXT NOT NULL,
          load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), record_source VARCHAR(100) NOT NULL DEFAULT 'TEST')
        """,
        """
        CREATE TABLE business.customer_h (customer_hk BYTEA PRIMARY KEY, customer_bk TEXT NOT NULL,
          tenant_hk BYTEA, load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
          record_source VARCHAR(100) NOT NULL DEFAULT 'TEST')
        """,
        """
        CREATE TABLE business.asset_h (asset_hk BYTEA PRIMARY KEY, asset_bk TEXT NOT NULL,
          tenant_hk BYTEA, load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
          record_source VARCHAR(100) NOT NULL DEFAULT 'TEST')
        """,
        """
        CREATE TABLE business.asset_details_s (asset_hk BYTEA NOT NULL,
          load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(), load_end_date TIMESTAMPTZ,
          hash_diff BYTEA NOT NULL, asset_name TEXT NOT NULL, asset_type VARCHAR(30) NOT NULL,
          asset_value NUMERIC(15, 2) NOT NULL, attributes JSONB NOT NULL DEFAULT '{}',
          country CHAR(2), manual TEXT, tags TEXT[], PRIMARY KEY (asset_hk, load_date))
        """,
        "ALTER TABLE business.asset_details_s ALTER COLUMN manual SET STORAGE EXTERNAL",
        """
        CREATE TABLE business.customer_asset_l (customer_asset_hk BYTEA PRIMARY KEY,
          customer_hk BYTEA NOT NULL, asset_hk BYTEA NOT NULL,
          load_date TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp())
        """,
        "CREATE TABLE business.note (tenant_hk BYTEA, line TEXT)",
        "ALTER TABLE business.note REPLICA IDENTITY FULL",
        "INSERT INTO auth.tenant_h (tenant_hk, tenant_bk) SELECT sha256(t::bytea), t"
                + " FROM unnest(ARRAY['acme', 'globex']) t",
    };

    /** By tenant and table: rows and bytes, as the server says. A tenant without name by hash. */
    private static final String TRUTH =
            """
            WITH sized AS (
              SELECT 'business.asset_h' AS name, t.tenant_hk, pg_column_size(t.*) AS bytes FROM business.asset_h t
              UNION ALL SELECT 'business.customer_h', t.tenant_hk, pg_column_size(t.*) FROM business.customer_h t
              UNION ALL SELECT 'auth.tenant_h', t.tenant_hk, pg_column_size(t.*) FROM auth.tenant_h t
              UNION ALL SELECT 'business.note', t.tenant_hk, pg_column_size(t.*) FROM business.note t
              UNION ALL SELECT 'business.asset_details_s', h.tenant_hk, pg_column_size(t.*)
                FROM business.asset_details_s t LEFT JOIN business.asset_h h USING (asset_hk)
              UNION ALL SELECT 'business.customer_asset_l', h.tenant_hk, pg_column_size(t.*)
                FROM business.customer_asset_l t LEFT JOIN business.customer_h h USING (customer_hk))
            SELECT coalesce(n.tenant_bk, s.tenant_hk::text, '') AS tenant, CASE WHEN grouping(s.name) = 1 THEN '' ELSE s.name END AS name,
                   count(*) AS rows, sum(s.bytes) AS bytes
            FROM sized s LEFT JOIN auth.tenant_h n USING (tenant_hk)
            GROUP BY GROUPING SETS ((n.tenant_bk, s.tenant_hk, s.name), (n.tenant_bk, s.tenant_hk))
            """;

    private final PostgresServer server;

    private BusinessVault(PostgresServer server) {
        this.server = server;
    }

    static BusinessVault create(PostgresServer server) throws SQLException {
        server.createDatabase(DATABASE);
        server.execute(DATABASE, SCHEMA);
        try (Connection connection = server.connect(DATABASE)) {
            CdcSlots.prepare(connection, SLOT, SLOT, TABLES);
        }
        return new BusinessVault(server);
    }

    /** Rows and bytes by {@code tenant/table}, the table empty for all. */
    Map<String, String> truth() throws SQLException {
        Map<String, String> truth = new TreeMap<>();
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(TRUTH)) {
            while (rows.next()) {
                truth.put(
                        rows.getString("tenant") + "/" + rows.getString("name"),
                        rows.getLong("rows") + " rows, " + rows.getLong("bytes") + " bytes");
            }
        }
        return truth;
    }

    /** Works on a range of assets that no other worker has, each step a transaction. */
    void work(long seed, int firstAsset, int steps) throws SQLException {
        Random random = new Random(seed);
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < steps; i++) {
                statement.execute(step(random, firstAsset + random.nextInt(20)));
            }
        }
    }

    /** Random, for the server compresses what it can as soon as a row is wide. */
    private static String text(Random random, int below) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(below); i > 0; i--) {
            text.append("abcdefghijklmnopqrstuvwxyzäöüéè€".charAt(random.nextInt(32)));
        }
        return text.toString();
    }

    private static String step(Random random, int number) {
        String asset = "sha256('asset%d')".formatted(number);
        String customer = "sha256('customer%d')".formatted(number);
        String[] tenants = {"acme", "globex", "initech", "initech"};
        String tenant =
                random.nextInt(10) == 0
                        ? "NULL"
                        : "sha256('%s')".formatted(tenants[random.nextInt(tenants.length)]);
        return switch (random.nextInt(14)) {
            case 0, 1 ->
                    "INSERT INTO business.asset_h (asset_hk, asset_bk, tenant_hk) VALUES (%s, 'asset %d', %s) ON CONFLICT (asset_hk) DO UPDATE SET tenant_hk = EXCLUDED.tenant_hk"
                            .formatted(asset, number, tenant);
            case 2 ->
                    "INSERT INTO business.customer_h (customer_hk, customer_bk, tenant_hk) VALUES (%s, 'customer %d', %s) ON CONFLICT (customer_hk) DO UPDATE SET tenant_hk = EXCLUDED.tenant_hk"
                            .formatted(customer, number, tenant);
            case 3, 4, 5, 6 ->
                    """
                    INSERT INTO business.asset_details_s (asset_hk, hash_diff, asset_name, asset_type,
                      asset_value, attributes, country, manual, tags)
                    VALUES (%s, sha256('%d'), '%s', 'type', %s, '{"n": %d.50, "list": [1, "%s", null], "on": true}', %s, %s, %s)
                    """
                            .formatted(
                                    asset,
                                    random.nextInt(),
                                    text(random, 90),
                                    random.nextInt(1_000_000) + ".10",
                                    random.nextInt(1_000_000),
                                    text(random, 30),
                                    random.nextBoolean() ? "'CH'" : "NULL",
                                    random.nextInt(3) == 0
                                            ? "repeat('m', %d)".formatted(random.nextInt(9_000))
                                            : "NULL",
                                    random.nextBoolean() ? "ARRAY['a', 'bc', NULL]" : "NULL");
            case 7 ->
                    "UPDATE business.asset_details_s SET load_end_date = clock_timestamp() WHERE asset_hk = %s AND load_end_date IS NULL"
                            .formatted(asset);
            case 8 ->
                    "DELETE FROM business.asset_details_s WHERE asset_hk = %s AND load_end_date IS NOT NULL"
                            .formatted(asset);
            case 9 -> "DELETE FROM business.asset_h WHERE asset_hk = " + asset;
            case 10 ->
                    "INSERT INTO business.customer_asset_l VALUES (sha256('link%d'), %s, %s) ON CONFLICT (customer_asset_hk) DO UPDATE SET customer_hk = EXCLUDED.customer_hk"
                            .formatted(number, customer, asset);
            case 11 ->
                    "UPDATE business.customer_asset_l SET customer_hk = sha256('customer%d') WHERE asset_hk = %s"
                            .formatted(number + 1, asset);
            case 12 ->
                    random.nextInt(3) == 0
                            ? "DELETE FROM business.customer_asset_l WHERE asset_hk = " + asset
                            : "INSERT INTO business.note VALUES (%s, 'note %d')"
                                    .formatted(tenant, random.nextInt(5));
            default ->
                    random.nextInt(4) == 0
                            ? "DELETE FROM business.note WHERE line = 'note %d'"
                                    .formatted(random.nextInt(5))
                            : "UPDATE business.note SET line = line || '.' WHERE line = 'note %d'"
                                    .formatted(random.nextInt(5));
        };
    }
}
