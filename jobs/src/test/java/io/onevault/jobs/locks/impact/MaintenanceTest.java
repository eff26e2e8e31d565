package io.onevault.jobs.locks.impact;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.statement.StatementText;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
                    UPDATE t SET a = 'BACKUP DATABASE x'               | ''
                    /* BACKUP DATABASE x */ UPDATE t SET a = 1         | ''
                    SELECT "pg_start_backup"                           | ''
                    SELECT backup FROM restore                         | ''
                    """)
    void backupsAreParsed(String statement, String why) {
        assertThat(Maintenance.backupStatement(StatementText.of(statement).text())).isEqualTo(why);
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
