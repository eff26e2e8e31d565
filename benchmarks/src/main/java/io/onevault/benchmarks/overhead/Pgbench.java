package io.onevault.benchmarks.overhead;

import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.cli.BadInputException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The real pgbench of this machine. Its TPC-B-like script runs, with prepared statements. */
final class Pgbench {

    private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

    /** Columns of pgbench's log: a transaction's latency in microseconds, and when it ended. */
    private static final int LATENCY = 2;

    private static final int SECOND = 4;
    private static final int MICROSECOND = 5;

    private static final double QUANTILE = 0.95;

    private final Path program;
    private final PostgresServer server;
    private final String database;
    private final Path folder;

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
        await(start(List.of("--initialize", "--quiet", "--scale=" + scale)));
    }

    /** Starts {@code clients} clients that work for {@code seconds}. */
    Load load(int clients, int seconds) throws IOException {
        return new Load(
                start(
                        List.of(
                                "--client=" + clients,
                                "--jobs=2",
                                "--time=" + seconds,
                                "--protocol=prepared",
                                "--no-vacuum",
                                "--log",
                                "--log-prefix=" + folder.resolve("transactions"))));
    }

    /** A run under way. */
    final class Load implements AutoCloseable {
        private final Process process;

        private Load(Process process) {
            this.process = process;
        }

        ProcessHandle handle() {
            return process.toHandle();
        }

        /** Waits for the end and reads what was done in each section. */
        List<Work> work(List<Section> sections) throws IOException, InterruptedException {
            await(process);
            List<LongStream.Builder> latencies =
                    sections.stream().map(section -> LongStream.builder()).toList();
            for (Path log : logs()) {
                try (BufferedReader lines = Files.newBufferedReader(log)) {
                    for (String line; (line = lines.readLine()) != null; ) {
                        String[] columns = line.split(" ", -1);
                        long ended =
                                Long.parseLong(columns[SECOND]) * 1_000_000
                                        + Long.parseLong(columns[MICROSECOND]);
                        for (int i = 0; i < sections.size(); i++) {
                            if (sections.get(i).holds(ended)) {
                                latencies.get(i).add(Long.parseLong(columns[LATENCY]));
                            }
                        }
                    }
                }
                Files.delete(log);
            }
            List<Work> works = new ArrayList<>();
            for (int i = 0; i < sections.size(); i++) {
                works.add(summary(sections.get(i), latencies.get(i).build().sorted().toArray()));
            }
            return works;
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    /**
     * What was done in a section.
     *
     * @param p95Millis 95th percentile of the transactions' latency
     */
    record Work(Section section, double transactionsPerSecond, double p95Millis) {}

    private static Work summary(Section section, long[] micros) {
        if (micros.length == 0) {
            throw new IllegalStateException("pgbench logged no transaction of a section");
        }
        return new Work(
                section,
                micros.length / section.seconds(),
                micros[(int) Math.ceil(QUANTILE * micros.length) - 1] / 1000.0);
    }

    private List<Path> logs() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().startsWith("transactions"))
                    .toList();
        }
    }

    private Process start(List<String> options) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(options);
        command.addAll(
                List.of(
                        "--host=127.0.0.1",
                        "--port=" + server.port(),
                        "--username=" + PostgresServer.SUPERUSER,
                        database));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static void await(Process process) throws IOException, InterruptedException {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException("pgbench failed: " + output);
        }
    }
}
