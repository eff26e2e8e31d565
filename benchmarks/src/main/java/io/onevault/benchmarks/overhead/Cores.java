package io.onevault.benchmarks.overhead;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cores that this process may use, and how others are kept on some of them: with Linux's {@code
 * taskset}, by thread, inherited by all that a process starts later.
 */
final class Cores {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ALLOWED = "Cpus_allowed_list:";

    private final List<Integer> numbers;

    private Cores(List<Integer> numbers) {
        this.numbers = numbers;
    }

    /** All of them; empty where they cannot be told or {@code taskset} is missing. */
    static Optional<Cores> all() throws IOException, InterruptedException {
        if (!Files.isReadable(STATUS) || !hasTaskset()) {
            return Optional.empty();
        }
        List<Integer> numbers = new ArrayList<>();
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(ALLOWED)) {
                for (String range : line.substring(ALLOWED.length()).trim().split(",", -1)) {
                    String[] ends = range.split("-", -1);
                    int last = Integer.parseInt(ends[ends.length - 1]);
                    for (int core = Integer.parseInt(ends[0]); core <= last; core++) {
                        numbers.add(core);
                    }
                }
            }
        }
        return numbers.isEmpty() ? Optional.empty() : Optional.of(new Cores(numbers));
    }

    private static boolean hasTaskset() throws InterruptedException {
        try {
            return exitCode(List.of("taskset", "--version")) == 0;
        } catch (IOException notInstalled) {
            return false;
        }
    }

    int count() {
        return numbers.size();
    }

    /** The first half, which is the smaller one of an odd number. */
    Cores lower() {
        return new Cores(numbers.subList(0, numbers.size() / 2));
    }

    /** The others. */
    Cores upper() {
        return new Cores(numbers.subList(numbers.size() / 2, numbers.size()));
    }

    /** Keeps a process and all that it started on these cores. */
    void hold(ProcessHandle process) throws IOException, InterruptedException {
        List<ProcessHandle> all = new ArrayList<>(List.of(process));
        process.descendants().forEach(all::add);
        for (ProcessHandle one : all) {
            List<String> command =
                    List.of("taskset", "-a", "-c", "-p", toString(), String.valueOf(one.pid()));
            if (exitCode(command) != 0 && one.isAlive()) {
                throw new IllegalStateException("taskset refused: " + String.join(" ", command));
            }
        }
    }

    private static int exitCode(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (Stream<String> output = process.inputReader(StandardCharsets.UTF_8).lines()) {
            output.forEach(line -> {});
        }
        return process.waitFor();
    }

    @Override
    public String toString() {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
