package io.onevault.benchmarks.overhead;

import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.cli.BadInputException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The real pgbench of this machine. Its TPC-B-like script runs, with prepared statements. */
final class Pgbench {

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
    private static final Pattern THROUGHPUT =
            Pattern.compile("tps = ([0-9.]+) \\(without initial connection time\\)");

    /** Column of a transaction's latency, in microseconds, in pgbench's log. */
    private static final int LATENCY_COLUMN = 2;

    private static final double QUANTILE = 0.95;

    private final Path program;
    private final PostgresServer server;
    private final String database;
    private final Path folder;

    /**
     * What one run gave.
     *
     * @param transactionsPerSecond without the time of connecting
     * @param p95Millis 95th percentile of the transactions' latency
     */
    record Run(double transactionsPerSecond, double p95Millis) {}

    /**
     * @param folder for logs
     */
    Pgbench(Path program, PostgresServer server, String database, Path folder) {
        this.program = program;
        this.server = server;
        this.database = database;
        this.folder = folder;
    }

    /**
     * Finds pgbench on the PATH or where Debian keeps it, the newest first.
     *
     * @throws BadInputException when there is none
     */
    static Path find() throws IOException {
        return search().orElseThrow(
                        () ->
                                new BadInputException(
                                        "pgbench is neither on the PATH nor below "
                                                + DEBIAN
                                                + "; install PostgreSQL's client programs, on"
                                                + " Debian with apt-get install postgresql-15"));
    }

    /** Looks for pgbench. */
    static Optional<Path> search() throws IOException {
        List<Path> folders = new ArrayList<>();
        if (Files.isDirectory(DEBIAN)) {
            try (Stream<Path> versions = Files.list(DEBIAN)) {
                versions.sorted(Comparator.reverseOrder())
                        .map(version -> version.resolve("bin"))
                        .forEach(folders::add);
            }
        }
        for (String folder :
                Optional.ofNullable(System.getenv("PATH"))
                        .orElse("")
                        .split(File.pathSeparator, -1)) {
            if (!folder.isEmpty()) {
                folders.add(Path.of(folder));
            }
        }
        return folders.stream()
                .map(folder -> folder.resolve("pgbench"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Fills the tables, 100,000 accounts for each unit of {@code scale}. */
    void fill(int scale) throws IOException, InterruptedException {
        run(List.of("--initialize", "--quiet", "--scale=" + scale));
    }

    /** Runs {@code clients} clients for {@code seconds} and reads their latencies. */
    Run load(int clients, int seconds) throws IOException, InterruptedException {
        Path prefix = folder.resolve("transactions");
        String output =
                run(
                        List.of(
                                "--client=" + clients,
                                "--jobs=2",
                                "--time=" + seconds,
                                "--protocol=prepared",
                                "--no-vacuum",
                                "--log",
                                "--log-prefix=" + prefix));
        Matcher tps = THROUGHPUT.matcher(output);
        if (!tps.find()) {
            throw new IllegalStateException("pgbench named no throughput: " + output);
        }
        return new Run(Double.parseDouble(tps.group(1)), p95Millis());
    }

    private double p95Millis() throws IOException {
        List<Path> logs;
        try (Stream<Path> files = Files.list(folder)) {
            logs =
                    files.filter(f -> f.getFileName().toString().startsWith("transactions"))
                            .toList();
        }
        List<long[]> parts = new ArrayList<>();
        for (Path log : logs) {
            try (Stream<String> lines = Files.lines(log)) {
                parts.add(
                        lines.mapToLong(line -> Long.parseLong(line.split(" ", -1)[LATENCY_COLUMN]))
                                .toArray());
            }
            Files.delete(log);
        }
        long[] micros = parts.stream().flatMapToLong(Arrays::stream).sorted().toArray();
        if (micros.length == 0) {
            throw new IllegalStateException("pgbench logged no transaction");
        }
        return micros[(int) Math.ceil(QUANTILE * micros.length) - 1] / 1000.0;
    }

    private String run(List<String> options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(options);
        command.addAll(
                List.of(
                        "--host=127.0.0.1",
                        "--port=" + server.port(),
                        "--username=" + PostgresServer.SUPERUSER,
                        database));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("pgbench failed: " + output);
            }
            return output;
        } finally {
            process.destroy();
        }
    }
}
