package io.onevault.jobs.locks.impact;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.statement.StatementText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaintenanceTest {

    private static final String CLIENT = "client backend";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    VACUUM t                                           | VACUUM
                    vacuum full t                                      | VACUUM FULL
                    VACUUM (VERBOSE, FULL) t                           | VACUUM FULL
                    VACUUM (FULL off) t                                | VACUUM
                    VACUUM (VERBOSE) "full"                            | VACUUM
                    /* a /* nested */ note */ -- more %n analyze t     | ANALYZE
                    SET lock_timeout = '2s'; REINDEX TABLE t           | REINDEX
                    CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)        | CREATE INDEX
                    CREATE INDEX ON t (a)                              | CREATE INDEX
                    CLUSTER t                                          | CLUSTER
                    REFRESH MATERIALIZED VIEW v                        | REFRESH MATERIALIZED VIEW
                    ALTER TABLE t ADD c int                            | DDL
                    SELECT pg_backup_start('nightly')                  | base backup
                    SELECT pg_backup_start FROM t                      | ''
                    EXPLAIN ANALYZE SELECT 1                           | ''
                    SELECT vacuum FROM t                               | ''
                    SELECT 'VACUUM'                                    | ''
                    (SELECT 1)                                         | ''
                    "vacuum"                                           | ''
                    -- VACUUM %n UPDATE t SET a = 1                    | ''
                    /* BACKUP */ UPDATE t SET a = 'pg_backup_start('   | ''
                    WITH vacuum AS (SELECT 1) SELECT * FROM vacuum     | ''
                    vacuumed                                           | ''
                    """)
    void statementsAreParsed(String statement, String kind) {
        String text = StatementText.of(statement.replace("%n", "\n")).text();
        assertThat(Maintenance.kind(CLIENT, "app", text)).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    BACKUP DATABASE x                                  | its statement is BACKUP
                    /* x */ (restore y)                                | its statement is RESTORE
                    BEGIN; SELECT pg_start_backup('a', true)           | its statement begins or ends a base backup
                    COPY public.t (a, b) TO stdout                     | it copies a table out, as dumps do
                    LOCK TABLE public.t IN ACCESS SHARE MODE           | it locks tables as dumps do
                    LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE       | ''
                    COPY t FROM stdin                                  | ''
                    COPY t (a, b) FROM stdin WITH (DELIMITER ',')      | ''
                    COPY (SELECT a FROM t) TO '/x'                     | it copies a table out, as dumps do
                    COPY (SELECT a FROM t                              | it copies a table out, as dumps do
                    COPY public.wide (column_1, column_2, colu         | it copies a table out, as dumps do
                    LOCK TABLE t                                       | it locks tables as dumps do
                    LOCK TABLE public.a, public.b, publ                | it locks tables as dumps do
                    LOCK t IN ACCESS                                   | it locks tables as dumps do
                    LOCK TABLE t IN ACCESS SHARE MODE NOWAIT           | it locks tables as dumps do
                    LOCK TABLE t IN SHARE MODE                         | ''
                    BEGIN; SELECT pg_export_snapshot()                 | it shares its snapshot, as dumps do
                    BEGIN; SET TRANSACTION SNAPSHOT '1-1'              | it shares its snapshot, as dumps do
                    FETCH 100 FROM _pg_dump_cursor                     | it reads by a cursor of dumps
                    SELECT relname FROM pg_catalog.pg_class            | it reads the system catalogs, as dumps do
                    SELECT pg_catalog.pg_get_viewdef('1'::pg_catalog.oid) | it reads the system catalogs, as dumps do
                    SELECT pg_advisory_xact_lock(1), pg_catalog.pg_sleep(1) | ''
                    SET x = 1 /* ' */; COPY t TO STDOUT -- '           | it copies a table out, as dumps do
                    UPDATE t SET a = 'BACKUP DATABASE x'               | ''
                    /* BACKUP DATABASE x */ UPDATE t SET a = 1         | ''
                    SELECT "pg_start_backup"                           | ''
                    SELECT backup FROM restore                         | ''
                    """)
    void backupsAreParsed(String statement, String why) {
        assertThat(reader(statement)).isEqualTo(why);
    }

    /** Who shows nothing that tells what he does may do anything. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "/* a comment that the server has cut",
                "EXECUTE p (1)",
                "PREPARE p AS SELECT 1",
                "\"vacuum\"",
                "$1",
                "REPACK t",
                "SELECT 'a\\' FROM t"
            })
    void unclearIsWhatDoesNotTell(String statement) {
        assertThat(reader(statement)).isNotEmpty();
    }

    @Test
    void cutByOurselvesIsUnclear() {
        String longOne = "UPDATE t SET a = b" + ", a = b".repeat(200);
        assertThat(reader(longOne)).isNotEmpty();
        assertThat(reader("UPDATE t SET a = b; SELECT c")).isEmpty();
        // What stands behind many words is still seen.
        String late = "UPDATE t SET a = b" + ",a=b".repeat(220) + ";VACUUM";
        assertThat(reader(late)).isEqualTo("it does maintenance (VACUUM)");
    }

    /** A driver's look-up of a type, and what an object-relational mapper writes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT pg_type.oid, typname FROM pg_catalog.pg_type WHERE typname = 'x'",
                "/* load */ select a from t1 left join t2 on",
                "with a as (select 1) update t set v = 1",
                "INSERT INTO t VALUES (1",
                "SELECT 1; DELETE FROM t WHERE"
            })
    void whoHasWrittenMayRunStatementsOfRowsThatWouldProtectAReader(String statement) {
        String text = StatementText.of(statement).text();
        assertThat(Maintenance.protectedStatement(text, true, false)).isNotEmpty();
        assertThat(Maintenance.protectedStatement(text, true, true)).isEmpty();
        assertThat(Maintenance.protectedStatement(text + '…', false, true)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MERGE INTO t USING s",
                "DO $$ BEGIN",
                "CALL p(",
                "SELECT 1; REFRESH MATERIALIZED VIEW v",
                "SELECT 1; CALL p(",
                "SELECT pg_backup_start('a'), b",
                "SELECT pg_export_snapshot()",
                "COPY t (a, b",
                "LOCK TABLE a, b",
                "/* a comment that goes on"
            })
    void writingDoesNotExcuseWhatElseACutStatementMayBe(String statement) {
        assertThat(Maintenance.protectedStatement(StatementText.of(statement).text(), true, true))
                .isNotEmpty();
    }

    private static String reader(String statement) {
        return Maintenance.protectedStatement(StatementText.of(statement).text(), false, false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    client backend    | pg_dump                      | COPY t TO stdout                                  | pg_dump
                    client backend    | pg_dumper                    | SELECT 1                                          | ''
                    client backend    | pgBackRest [backup]          | SELECT 1                                          | pgBackRest
                    client backend    | not pg_dump                  | SELECT 1                                          | ''
                    autovacuum worker | ''                           | autovacuum: VACUUM public.t (to prevent wraparound) | autovacuum (wraparound)
                    autovacuum worker | ''                           | autovacuum: VACUUM ANALYZE public.t               | autovacuum
                    client backend    | app                          | autovacuum: VACUUM public.t (to prevent wraparound) | ''
                    walsender         | pg_basebackup                | BASE_BACKUP ( LABEL ? )                           | base backup
                    walsender         | standby                      | START_REPLICATION ?                               | replication
                    """)
    void programsAndProcesses(String type, String application, String query, String kind) {
        assertThat(Maintenance.kind(type, application, query)).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    psql                     | true
                    PSQL                     | true
                    pgAdmin 4 - DB:orders    | true
                    pgAdmin4                 | true
                    DataGrip 2024.1          | true
                    psqlodbc                 | false
                    my psql                  | false
                    psql-worker              | false
                    psql'; DROP TABLE t; --  | false
                    ''                       | false
                    """)
    void toolsCallThemselvesSo(String application, boolean tool) {
        assertThat(ToolNames.find(application, List.of("psql", "pgAdmin", "DataGrip")).isPresent())
                .isEqualTo(tool);
    }
}
