package io.onevault.jobs.capacity.attribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.FieldValue;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Sizes of rows against what the oldest and the newest server say of them. */
class RowSizeIT {

    private static final String TABLE =
            """
            CREATE TABLE sized (b bool, i2 int2, t text, i4 int4, c "char", i8 int8, v varchar(200),
              f4 float4, bp char(5), f8 float8, n numeric, nn numeric(30,6), by bytea, d date,
              nm name, ti time, tz timetz, ts timestamp, tsz timestamptz, iv interval, u uuid,
              ip inet, ci cidr, mac macaddr, bi bit(11), vb varbit, mo money, o oid, p point,
              j json, jb jsonb, ba bool[], ia int[], la int8[], ta text[], na numeric[],
              tsa timestamptz[], bya bytea[], da date[])
            """;

    private static final String EXTREMES =
            """
            INSERT INTO sized (t, n, nn, by, ip, vb, jb, ia, ta, na, v) VALUES
             ('', 0, 0, '', '10.0.0.1/8', '', '{}', '{}', '{}', '{}', 'é😀'),
             (NULL, 'NaN', -1.5, NULL, '::1', NULL, '[]', '{NULL}', '{"a b",NULL,"c,\\"d"}', '{1.10,NaN}', ''),
             (repeat('x', 126), 1e-30, 0.000001, decode(repeat('ab', 126), 'hex'), NULL, '101', '1', '{{1,2},{3,4}}', '[0:1]={a,b}', NULL, NULL),
             (repeat('x', 127), 10000, 9999, decode(repeat('ab', 127), 'hex'), NULL, '10101010101', '"a"', '{1,2,3}', NULL, '{1,20000.5,NULL}', repeat('é', 64)),
             (NULL, 1e200, 123456.7, NULL, NULL, NULL, '{"b": [1, null, true, {"c": 1.50}], "a": "text", "": {}}', NULL, NULL, NULL, NULL),
             (NULL, 1e-200, NULL, NULL, NULL, NULL, 'null', NULL, '{NULL,"NULL",""}', NULL, NULL),
             (NULL, 123456789012345678901234567890.1234567890, NULL, NULL, NULL, NULL,
              '[1e300, -1.5, 0, "ü", [], [[]], {"aa": 1, "b": 2.25, "ccc": "long enough to need padding"}]', NULL, NULL, NULL, NULL),
             (NULL, 10000.0001, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
             (NULL, 0.00001, NULL, NULL, NULL, NULL, '{"n": 100000000}', NULL, NULL, NULL, NULL),
             (NULL, 'Infinity'::float8::numeric, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
            """;

    static final List<Integer> VERSIONS = List.of(14, PostgresServer.LATEST_VERSION);

    private static final Map<Integer, PostgresServer> SERVERS = new HashMap<>();

    @BeforeAll
    static void start() {
        for (int version : VERSIONS) {
            PostgresServer server = PostgresServer.builder(version).start();
            SERVERS.put(version, server);
            server.execute("postgres", TABLE, EXTREMES);
        }
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void extremesAreAsLargeAsTheServerSays(int version) throws SQLException {
        assertThat(compared(SERVERS.get(version), "SELECT s.*, pg_column_size(s.*) FROM sized s"))
                .isEqualTo(10);
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void randomRowsAreAsLargeAsTheServerSays(int version) throws SQLException {
        SERVERS.get(version)
                .execute(
                        "postgres",
                        "CREATE TABLE random_rows (LIKE sized)",
                        """
                        CREATE FUNCTION maybe(anyelement) RETURNS anyelement LANGUAGE sql VOLATILE
                        AS 'SELECT CASE WHEN random() < 0.8 THEN $1 END'
                        """,
                        """
                        INSERT INTO random_rows SELECT
                          maybe(g % 2 = 0), maybe(g::int2), maybe(repeat('é', (random() * 90)::int)),
                          maybe(g), maybe('x'::"char"), maybe(g::int8),
                          maybe(repeat('v', (random() * 200)::int)), maybe(1.5::float4), maybe('ab'::bpchar),
                          maybe(g / 7.0::float8), maybe((random() * 10 ^ (g % 30))::numeric),
                          maybe((random() * 10 ^ (g % 20))::numeric(30,6)),
                          maybe(decode(repeat('0f', (random() * 200)::int), 'hex')),
                          maybe(current_date), maybe('name'::name), maybe(localtime), maybe(current_time),
                          maybe(localtimestamp), maybe(now()), maybe(interval '1 day'),
                          maybe('00000000-0000-0000-0000-000000000001'::uuid), maybe('10.0.0.1'::inet),
                          maybe('10.0.0.0/8'::cidr), maybe('08:00:2b:01:02:03'::macaddr),
                          maybe(B'10101010101'), maybe(repeat('1', (random() * 20)::int)::varbit),
                          maybe(5::money), maybe(7::oid), maybe(point(1, 2)), maybe('{"a":  1}'::json),
                          maybe(jsonb_build_object('k', g, repeat('x', g % 9), random()::numeric, 'l',
                            to_jsonb(ARRAY[g, g * g]), 't', repeat('y', g % 50), 'f', g % 2 = 0)),
                          maybe(ARRAY[true, false, g % 2 = 0]), maybe(array_fill(g, ARRAY[g % 12])),
                          maybe(array_fill(g::int8, ARRAY[g % 12])),
                          maybe(array_fill(repeat('z', g % 7), ARRAY[g % 12])),
                          maybe(ARRAY[random()::numeric, g, NULL]), maybe(ARRAY[now(), NULL]),
                          maybe(ARRAY['\\x00ff'::bytea]), maybe(ARRAY[current_date])
                        FROM generate_series(1, 300) g
                        """);
        assertThat(
                        compared(
                                SERVERS.get(version),
                                "SELECT s.*, pg_column_size(s.*) FROM random_rows s"))
                .isEqualTo(300);
    }

    private static int compared(PostgresServer server, String query) throws SQLException {
        int rows = 0;
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            ResultSetMetaData columns = result.getMetaData();
            int last = columns.getColumnCount();
            while (result.next()) {
                rows++;
                List<FieldValue> row = new ArrayList<>();
                for (int i = 1; i < last; i++) {
                    row.add(
                            new FieldValue(
                                    columns.getColumnName(i),
                                    columns.getColumnTypeName(i),
                                    result.getString(i),
                                    false));
                }
                assertThat(RowSize.of(row).bytes()).as("%s", row).isEqualTo(result.getLong(last));
            }
        }
        return rows;
    }
}
