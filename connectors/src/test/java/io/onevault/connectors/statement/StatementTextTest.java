package io.onevault.connectors.statement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementTextTest {

    private static final String SECRET = "s3cr3t";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT 1 | SELECT ?",
                "SELECT 'a''b', x FROM t | SELECT ?, x FROM t",
                "SELECT e'it\\'s', y | SELECT ?, y",
                "SELECT E'\\\\', y | SELECT ?, y",
                "SELECT U&'\\0061', B'01', X'1F', n'a', U&\"n\" | SELECT ?, U&\"n\"",
                "SELECT $$a'b$$, $t$a$$b$t$, y | SELECT ?, y",
                "SELECT $1, $2::int | SELECT $1, $2::int",
                "SELECT a$b$c FROM t$1 | SELECT a$b$c FROM t$1",
                "SELECT -1.5e-3, .5, 0x1F, 1_000, t1.c2 | SELECT -?, t1.c2",
                "SELECT \"a 'b' 1\" FROM \"t\"\"x\" | SELECT \"a 'b' 1\" FROM \"t\"\"x\"",
                "SELECT 1 -- s3cr3t | SELECT ?",
                "SELECT /* a /* s3cr3t */ b */ x | SELECT x",
                "WHERE a IN (1, 2,3 , 4) AND b = 5 | WHERE a IN (?) AND b = ?",
                "INSERT INTO t VALUES (1, 'a'), (2, 'b'),(3,'c') | INSERT INTO t VALUES (?)",
                "SET app.user TO s3cr3t; SELECT 1 | SET app.user TO ?; SELECT ?",
                "set local role = 's3;cr3t' | set local role ?",
                "set local a.b = 's3;cr3t' | set local a.b = ?",
                "SET LOCAL ROLE alice; SELECT 1 | SET LOCAL ROLE ?; SELECT ?",
                "set role to \"alice\" | set role ?",
                "SET SESSION AUTHORIZATION alice | SET SESSION AUTHORIZATION ?",
                "GRANT SELECT ON t TO alice, bob; LOCK t | GRANT SELECT ON t TO ?; LOCK t",
                "REVOKE ALL ON t FROM alice CASCADE | REVOKE ALL ON t FROM ?",
                "ALTER USER alice PASSWORD 's3cr3t' | ALTER USER ?",
                "CREATE ROLE alice IN ROLE staff | CREATE ROLE ?",
                "CREATE SCHEMA s AUTHORIZATION alice | CREATE SCHEMA s AUTHORIZATION ?",
                "ALTER TABLE t OWNER TO alice | ALTER TABLE t OWNER TO ?",
                "ALTER TABLE t RENAME TO u | ALTER TABLE t RENAME TO u",
                "REASSIGN OWNED BY alice TO bob | REASSIGN OWNED BY ?",
                "DROP OWNED BY alice | DROP OWNED BY ?",
                "COMMENT ON ROLE alice IS 'x' | COMMENT ON ROLE ?",
                "UPDATE t SET role = role + 1 | UPDATE t SET role = role + ?",
                "SET a = 1 /* ' */; COPY t TO STDOUT -- ' | SET a = ?; COPY t TO STDOUT",
                "SET a = $$;s3cr3t'$$, \"b;'\"; SELECT x | SET a = ?; SELECT x",
                "SET a = 'b\\'; COPY t TO STDOUT | SET a = ? …",
                "UPDATE t SET a = b, c = 1 | UPDATE t SET a = b, c = ?",
                "ALTER ROLE x PASSWORD 's3cr3t | ALTER ROLE ?",
                "ALTER SUBSCRIPTION x CONNECTION 's3cr3t | ALTER SUBSCRIPTION x CONNECTION ?",
                "SELECT $body$ s3cr3t | SELECT ?",
                "SELECT $bod | SELECT ?",
                "SELECT 1 /* s3cr3t | SELECT ?",
                "COPY t FROM STDIN WITH (DELIMITER E'\\t') | COPY t FROM STDIN WITH (DELIMITER ?)",
            })
    void literalsBecomeQuestionMarks(String raw, String expected) {
        assertThat(StatementText.of(raw).text()).isEqualTo(expected);
    }

    /** With standard_conforming_strings off the first string goes on. */
    @Test
    void whatMayBeALiteralIsLeftOut() {
        assertThat(StatementText.of("SELECT 'it\\'s " + SECRET + "' FROM t").text())
                .isEqualTo("SELECT ? …");
    }

    @Test
    void noCutShowsALiteral() {
        String raw =
                "INSERT INTO t (a, \"b c\") VALUES ('"
                        + SECRET
                        + "', E'x\\'"
                        + SECRET
                        + "', $t$"
                        + SECRET
                        + "$t$) /* "
                        + SECRET
                        + " */ RETURNING u&'"
                        + SECRET
                        + "' -- "
                        + SECRET;
        for (int length = 0; length <= raw.length(); length++) {
            assertThat(StatementText.of(raw.substring(0, length)).text())
                    .as("cut at %d", length)
                    .doesNotContain("s3");
        }
    }

    @Test
    void anyCharactersAreReadWithinBounds() {
        Random random = new Random(7);
        String alphabet = "'\"$\\-/*;=eEuU&1.x \n(),\u0000\u001b…é\uD83D\uDE00";
        for (int round = 0; round < 20_000; round++) {
            StringBuilder raw = new StringBuilder();
            for (int i = random.nextInt(30); i >= 0; i--) {
                raw.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String text = StatementText.of(raw.toString()).text();
            assertThat(text).doesNotContain("\n", "\u0000", "\u001b");
        }
        String huge = "SELECT \uD83D\uDE00x, ".repeat(100_000) + "'" + SECRET;
        assertThat(StatementText.of(huge).text())
                .hasSizeLessThanOrEqualTo(StatementText.LIMIT + 1)
                .endsWith("…");
    }

    @Test
    void fingerprintIgnoresLiteralsSpacingCommentsAndCase() {
        List<String> same =
                List.of(
                        "SELECT a FROM t WHERE b = 1 AND c IN (1,2,3)",
                        "select a\n  from t where b='x' and c in ('a') -- why",
                        "SELECT a FROM t WHERE b = $$y$$ AND c IN ( 1, 2 )");
        assertThat(same)
                .extracting(s -> StatementText.of(s).fingerprint())
                .containsOnly(StatementText.of(same.get(0)).fingerprint());
        assertThat(StatementText.of("SELECT ab FROM t").fingerprint())
                .hasSize(16)
                .isNotEqualTo(StatementText.of("SELECT a b FROM t").fingerprint());
        assertThat(StatementText.of(" \n")).isEqualTo(StatementText.NONE);
    }
}
