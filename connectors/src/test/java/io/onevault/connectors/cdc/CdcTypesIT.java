package io.onevault.connectors.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcDeadLetter;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.embedded.postgres.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The extremes of every type, and bytes that are no text. */
class CdcTypesIT {

    private static final InMemoryReporter REPORTER = InMemoryReporter.create();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .setConfiguration(REPORTER.addToConfiguration(new Configuration()))
                            .build());

    private static final Duration CHECKPOINTS = Duration.ofMillis(200);

    private static final String[] TABLE = {
        "CREATE SCHEMA \"Odd schema\"",
        "CREATE TYPE \"Odd schema\".\"Mood\" AS ENUM ('so so', 'happy')",
        "CREATE TYPE pair AS (a int, b text)",
        "CREATE DOMAIN day_ts AS timestamptz CHECK (value > '-infinity')",
        "CREATE DOMAIN later AS day_ts",
        "ALTER DATABASE %s SET timezone = 'Asia/Kathmandu'",
        "ALTER DATABASE %s SET intervalstyle = 'sql_standard'",
        "ALTER DATABASE %s SET bytea_output = 'escape'",
        "ALTER DATABASE %s SET datestyle = 'German'",
        "ALTER DATABASE %s SET extra_float_digits = -15",
        """
        CREATE TABLE "Odd schema".\"The \"\"table\"\"\" (
          id int PRIMARY KEY, b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8,
          n numeric, d date, ts timestamp, tz timestamptz, ti time, tt timetz, iv interval,
          mo money, t text, c char(3), by bytea, j json, jb jsonb, u uuid,
          m "Odd schema"."Mood", p pair, dom later, tza timestamptz[], iva interval[],
          na numeric[], ba bytea[], ma "Odd schema"."Mood"[], tr tstzrange, pt point,
          "a" text, "A" text, "we ""ird" text, o oid, l pg_lsn, v tsvector, bits varbit)
        """
    };

    private static final String ROWS =
            """
            INSERT INTO "Odd schema".\"The \"\"table\"\"\" VALUES
             (%d, true, -32768, -2147483648, -9223372036854775808, '-Infinity', 'NaN', 'NaN',
              'infinity', '-infinity', 'infinity', '24:00:00', '23:59:59.999999+15:59',
              '178956970 years 7 mons 2147483647 days 2562047788:00:54.775806',
              '-92233720368547758.08', '', 'a', '\\x', '{"a": 1.10, "a": 2}', '{"b": null}',
              '00000000-0000-0000-0000-000000000001', 'so so', ROW(1, 'x, "y"'),
              '2024-01-01 00:00Z', '{"2024-01-01 00:00:00+05:45",NULL}', '{"-1 day 02:00"}',
              '{NaN,-0.10,1e100}', '{"\\\\x00ff"}', '{"so so",happy}',
              '[2024-01-01 00:00Z,infinity)', '(1,2.5)', 'lower', 'UPPER', 'quote', 4294967295,
              '16/B374D848', 'a:1 b:2', '10101'),
             (%d, false, 32767, 2147483647, 9223372036854775807, 1.17549435e-38,
              1.7976931348623157e308, 0.%s1, '4713-01-01 BC', '294276-12-31 23:59:59.999999',
              '4713-01-01 00:00:00Z BC', '00:00:00.000001', '00:00:00-15:59', 'infinity',
              '92233720368547758.07', E'\\u00e9\\U0001F600\\n\\t\\uFFFD', 'é', '\\x00ff5c', '[]', '0',
              'ffffffff-ffff-ffff-ffff-ffffffffffff', 'happy', NULL, NULL, '{}', '{}', '{}', '{}',
              '{}', 'empty', '(NaN,-Infinity)', '', '', '', 0, '0/0', '', '');
            INSERT INTO "Odd schema".\"The \"\"table\"\"\" VALUES (%d)
            """;

    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.startLatest();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void extremesReadTheSameInSnapshotAndStreamWhateverTheDatabasesSettings() throws Exception {
        server.createDatabase("extremes");
        for (String statement : TABLE) {
            server.execute("extremes", statement.replace("%s", "extremes"));
        }
        String digits = "0".repeat(16_000);
        server.execute("extremes", rows(1, digits));
        String table = "Odd schema.The \"table\"";
        CdcJob.prepare(server, "extremes", table);
        try (CdcJob job =
                CdcJob.start(CdcJob.source(server, "extremes", table).build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 3);
            server.execute("extremes", rows(11, digits));
            Until.holds("the stream", () -> CdcJob.changes().count() == 6);
        }
        assertThat(CdcJob.records()).extracting(CdcRecord::deadLetter).containsOnlyNulls();
        assertThat(CdcJob.records().stream().map(CdcRecord::schemaVersion).filter(Objects::nonNull))
                .as("the same columns from snapshot and stream")
                .hasSize(1);
        List<RowChange> changes = CdcJob.changes().toList();
        for (int i = 0; i < 3; i++) {
            List<FieldValue> read = changes.get(i).after();
            List<FieldValue> streamed = changes.get(i + 3).after();
            assertThat(streamed).hasSize(38);
            assertThat(streamed.subList(1, 38)).isEqualTo(read.subList(1, 38));
        }
        List<FieldValue> first = changes.get(3).after();
        assertThat(text(first, "d")).isEqualTo("infinity");
        assertThat(text(first, "ts")).isEqualTo("-infinity");
        assertThat(text(first, "ti")).isEqualTo("24:00:00");
        assertThat(text(first, "tt")).isEqualTo("23:59:59.999999+15:59");
        assertThat(text(first, "iv")).isEqualTo("P178956970Y7M2147483647DT2562047788H0M54.775806S");
        assertThat(text(first, "mo")).isEqualTo("-$92,233,720,368,547,758.08");
        assertThat(text(first, "by")).isEqualTo("\\x");
        assertThat(text(first, "dom")).isEqualTo("2024-01-01T00:00:00Z");
        assertThat(text(first, "tza")).isEqualTo("{\"2023-12-31 18:15:00+00\",NULL}");
        assertThat(text(first, "m")).isEqualTo("so so");
        assertThat(text(first, "a")).isEqualTo("lower");
        assertThat(text(first, "A")).isEqualTo("UPPER");
        assertThat(text(first, "we \"ird")).isEqualTo("quote");
        List<FieldValue> second = changes.get(4).after();
        assertThat(text(second, "f4")).isEqualTo("1.17549435E-38");
        assertThat(text(second, "f8")).isEqualTo("1.7976931348623157E308");
        assertThat(text(second, "n")).isEqualTo("0." + digits + "1");
        assertThat(text(second, "d")).isEqualTo("-4712-01-01");
        assertThat(text(second, "tz")).isEqualTo("-4712-01-01T00:00:00Z");
        assertThat(text(second, "t")).isEqualTo("é😀\n\t\uFFFD");
        assertThat(text(second, "by")).isEqualTo("\\x00ff5c");
        assertThat(text(second, "iv")).isEqualTo("infinity");
        assertThat(changes.get(5).after().subList(1, 38))
                .extracting(FieldValue::text)
                .containsOnlyNulls();
        assertThat(first)
                .extracting(FieldValue::type)
                .contains("Mood", "_Mood", "pair", "timestamptz", "_timestamptz", "bpchar");
        assertThat(changes).extracting(RowChange::table).containsOnly("The \"table\"");
    }

    @Test
    void aRowThatIsNoTextIsADeadLetterAndItsNeighboursLand() throws Exception {
        server.execute(
                "postgres",
                "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C'"
                        + " LC_CTYPE 'C'");
        server.execute(
                "ascii",
                "CREATE TABLE item (id int PRIMARY KEY, note text, n int)",
                "INSERT INTO item VALUES (1, 'one', 1), (2, E'caf\\xe9', 2), (3, E'\\xc3\\xa9',"
                        + " 3)");
        CdcJob.prepare(server, "ascii", "public.item");
        try (CdcJob job =
                CdcJob.start(CdcJob.source(server, "ascii", "public.item").build(), CHECKPOINTS)) {
            assertThat(job).isNotNull();
            Until.holds(
                    "the snapshot",
                    () -> CdcJob.snapshotIsComplete() && CdcJob.changes().count() == 2);
            server.execute(
                    "ascii",
                    "INSERT INTO item VALUES (4, 'four', 4), (5, E'\\xff', 5), (6, 'six', 6)",
                    "UPDATE item SET n = 7 WHERE id = 5",
                    "DELETE FROM item WHERE id = 5");
            Until.holds("the deletion", () -> CdcJob.changes().count() == 5);
            assertThat(count(job, "dead_letters")).isEqualTo(3);
            assertThat(count(job, "changes")).isEqualTo(5);
            // Two: the next one may have begun before the changes.
            long checkpoints = CdcJob.completedCheckpoints();
            Until.holds(
                    "a checkpoint after the changes",
                    () -> CdcJob.completedCheckpoints() >= checkpoints + 2);
            CdcJob.failNext();
            server.execute("ascii", "INSERT INTO item VALUES (8, 'eight', 8)");
            Until.holds("the restart", () -> CdcJob.starts() == 2);
            Until.holds("the last row", () -> CdcJob.changes().count() == 6);
        }
        assertThat(CdcJob.changes().map(change -> CdcJob.text(change.key(), "id")))
                .containsExactly("1", "3", "4", "6", "5", "8");
        assertThat(CdcJob.text(CdcJob.changes().toList().get(1).after(), "note")).isEqualTo("é");
        List<CdcDeadLetter> letters =
                CdcJob.records().stream()
                        .map(CdcRecord::deadLetter)
                        .filter(Objects::nonNull)
                        .toList();
        assertThat(letters)
                .extracting(CdcDeadLetter::content)
                .containsExactly(
                        "N(id=2, note=\\x636166e9, n=2)",
                        "N(id=5, note=\\xff, n=5)",
                        "N(id=5, note=\\xff, n=7)");
        assertThat(letters)
                .extracting(CdcDeadLetter::reason)
                .containsOnly("column note: not valid UTF-8");
        assertThat(letters).extracting(CdcDeadLetter::relation).containsOnly("public.item");
        assertThat(letters).allMatch(letter -> letter.lsn() > 0 && letter.ordinal() > 0);
        assertThat(CdcJob.records()).extracting(CdcRecord::gap).containsOnlyNulls();
    }

    private static long count(CdcJob job, String counter) {
        Metric found =
                REPORTER.findMetrics(job.id(), ".*cdc\\." + counter).values().iterator().next();
        return ((Counter) found).getCount();
    }

    private static String rows(int first, String digits) {
        return ROWS.formatted(first, first + 1, digits, first + 2);
    }

    private static String text(List<FieldValue> row, String column) {
        return CdcJob.text(row, column);
    }
}
