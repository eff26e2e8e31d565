package io.onevault.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OneVaultTest {

    @TempDir private Path folder;

    private record Ended(int code, String out, String err) {}

    @ParameterizedTest
    @ValueSource(strings = {"deploy", "validate", "run", "locks", "forecast"})
    void everyCommandHasHelp(String command) {
        Ended ended = run(command, "--help");
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).contains("Usage: onevault " + command).contains("--verbose");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void helpListsTheCommandsThatExist() {
        assertThat(run("--help").out()).contains("deploy", "validate", "run", "locks", "forecast");
        assertThat(run("--version").out()).contains("One Vault Streams");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "validate",
                "validate --config",
                "validate --confg x",
                "forecast --input x --horizon many",
                "forecast --input none.csv --horizon 5",
                "forecast --input none.csv --horizon 0",
                "locks",
                "locks --url nonsense",
                "locks --url jdbc:postgresql://h/d?password=s3cr3t",
                "locks --url jdbc:postgresql://u:s3cr3t@h/d",
                "locks --url jdbc:postgresql://h/d --watch 0",
                "locks --url jdbc:postgresql://127.0.0.1:1/d",
                "deploy --config none.yaml",
                "run --config none.yaml"
            })
    void badInputEndsWithTwoAndSaysWhy(String line) {
        Ended ended = run(line.isEmpty() ? new String[0] : line.split(" "));
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).isNotBlank().doesNotContain("\tat ", "Exception", "s3cr3t");
        assertThat(ended.err().lines().count()).isLessThanOrEqualTo(3);
    }

    @Test
    void everyMistakeOfAConfigurationIsALineOnStandardError() throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("bad.yaml"), "vault: {url: x, password: s3cr3t}\njob: 5\n");
        Ended ended = run("validate", "--config", file.toString());
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err().lines())
                .hasSize(4)
                .allSatisfy(line -> assertThat(line).startsWith(file.toString()));
        assertThat(ended.err()).doesNotContain("s3cr3t");
    }

    @Test
    void stackTracesComeOnlyWithVerbose() {
        String[] line = {"deploy", "--config", folder.resolve("none.yaml").toString()};
        assertThat(run(line).err()).doesNotContain("\tat ");
        assertThat(run("--verbose", line[0], line[1], line[2]).err()).contains("\tat ");
        assertThat(run(line[0], line[1], line[2], "--verbose").err()).contains("\tat ");
    }

    @Test
    void forecastsACsvWithoutAnyServer() throws Exception {
        StringBuilder csv = new StringBuilder("series_id,step,value\n");
        for (int step = 1; step <= 60; step++) {
            csv.append("disk,").append(step).append(',').append(100 + 2 * step).append('\n');
        }
        Path input = Files.writeString(folder.resolve("in put.csv"), csv);
        Path output = folder.resolve("out.csv");
        Ended ended =
                run(
                        "forecast",
                        "--input",
                        input.toString(),
                        "--horizon",
                        "7",
                        "--capacity",
                        "230",
                        "--output",
                        output.toString());
        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).startsWith("disk: ").contains("in 7 steps");
        assertThat(Files.readAllLines(output)).hasSize(8);
    }

    private static Ended run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code =
                OneVault.run(new PrintWriter(out), new PrintWriter(err), name -> null, arguments);
        return new Ended(code, out.toString(), err.toString());
    }
}
