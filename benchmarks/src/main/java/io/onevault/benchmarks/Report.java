package io.onevault.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * The figures of one call of {@code bench}, for people and as JSON.
 *
 * @param name of the benchmark
 * @param date when it ended
 * @param machine cores, memory and Java of this machine
 * @param results its figures
 */
record Report(String name, Instant date, String machine, List<Result> results) {

    private static final ObjectMapper JSON =
            new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Cores, memory, operating system and Java of this machine. */
    static String thisMachine() {
        long bytes =
                ((com.sun.management.OperatingSystemMXBean)
                                ManagementFactory.getOperatingSystemMXBean())
                        .getTotalMemorySize();
        return String.format(
                Locale.ROOT,
                "%d cores, %d GB memory, %s %s, %s %s",
                Runtime.getRuntime().availableProcessors(),
                Math.round(bytes / (double) (1 << 30)),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                System.getProperty("java.vm.name"),
                System.getProperty("java.runtime.version"));
    }

    void print(PrintStream out) {
        out.printf(Locale.ROOT, "%s, %s%n%s%n%n", name, date, machine);
        int named = results.stream().mapToInt(r -> r.name().length()).max().orElse(0);
        int unit = results.stream().mapToInt(r -> r.unit().length()).max().orElse(0);
        for (Result r : results) {
            out.printf(
                    Locale.ROOT,
                    "%-" + named + "s  %12s %-" + Math.max(unit, 1) + "s  %8s x  %12s  %s%n",
                    r.name(),
                    number(r.value()),
                    r.unit(),
                    String.format(Locale.ROOT, "%.3f", r.ratio()),
                    number(r.peerValue()),
                    r.peer());
        }
    }

    void write(Path file) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("name", name).put("date", date.toString()).put("machine", machine);
        ArrayNode list = root.putArray("results");
        for (Result r : results) {
            ObjectNode node = list.addObject().put("name", r.name());
            put(node, "value", r.value());
            node.put("unit", r.unit()).put("peer", r.peer());
            put(node, "peer_value", r.peerValue());
            put(node, "ratio", r.ratio());
        }
        JSON.writeValue(file.toFile(), root);
    }

    /** JSON knows no NaN and no infinity; they become null. */
    private static void put(ObjectNode node, String key, double value) {
        if (Double.isFinite(value)) {
            node.put(key, value);
        } else {
            node.putNull(key);
        }
    }

    private static String number(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 1000 ? "%,.0f" : size >= 10 ? "%.1f" : "%.3f", value);
    }
}
