package io.onevault.benchmarks.cdc;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.RunOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * Row changes per second through the change source into a sink that drops them, checkpoints every
 * second, beside Debezium's engine without Flink and beside the bare {@code pgoutput} stream. All
 * read the same log from the same place. The server decodes on the same machine, for each alike.
 */
public final class CdcBenchmark implements Benchmark {

    private static final int[] SIZES = {100_000, 300_000, 1_000_000};
    private static final int[] QUICK_SIZES = {500, 1_000, 2_000};
    private static final String OWN = "own";
    private static final String ENGINE = "engine";
    private static final String DEFAULTS = "defaults";
    private static final String STREAM = "stream";
    private static final String UNIT = "changes/s";
    private static final String CPU_UNIT = "us of processor time";
    private static final double MEGABYTE = 1 << 20;

    @Override
    public String name() {
        return "cdc";
    }

    @Override
    public String description() {
        return "row changes/s, beside the engine and the bare stream";
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        try (CdcSetting setting = CdcSetting.start(options)) {
            int[] sizes = options.quick() ? QUICK_SIZES : SIZES;
            List<Section> atOnce = new ArrayList<>();
            for (int size : sizes) {
                options.progress().accept("Writing one transaction of " + size + " changes");
                atOnce.add(setting.write(size, true));
            }
            options.progress().accept("Writing " + sizes[sizes.length - 1] + " changes");
            Section mixed = setting.write(sizes[sizes.length - 1], false);
            List<Result> results = new ArrayList<>();
            mixed(setting, mixed, sizes, options, results);
            heap(setting, atOnce, options, results);
            return results;
        }
    }

    private static void mixed(
            CdcSetting setting,
            Section section,
            int[] sizes,
            RunOptions options,
            List<Result> results)
            throws Exception {
        FlinkReader reader = setting.reader();
        Properties same = EnginePeer.asOwn(setting.log());
        Properties defaults = EnginePeer.defaults(setting.log());
        double[] seconds = new double[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            int size = sizes[i];
            boolean largest = i == sizes.length - 1;
            announce(options, "Reading " + size + " changes");
            Speeds speeds = new Speeds(options.rounds());
            Rounds rounds =
                    new Rounds()
                            .with(OWN, () -> speeds.of(OWN, reader.read(section, size)))
                            .with(
                                    ENGINE,
                                    () -> speeds.of(ENGINE, setting.engine(section, same, size)));
            if (largest) {
                rounds.with(
                                DEFAULTS,
                                () -> speeds.of(DEFAULTS, setting.engine(section, defaults, size)))
                        .with(STREAM, () -> speeds.of(STREAM, setting.stream(section, size)));
            }
            Rounds.Medians medians = rounds.run(options.rounds());
            double rate = medians.of(OWN);
            seconds[i] = size / rate;
            String name = "change source, " + size + " changes";
            results.add(
                    against(name, rate, UNIT, "engine alone, same settings", medians.of(ENGINE)));
            if (largest) {
                results.add(
                        against(name, rate, UNIT, "engine alone, defaults", medians.of(DEFAULTS)));
                results.add(against(name, rate, UNIT, "bare stream", medians.of(STREAM)));
            }
            results.add(
                    against(
                            "one change, of " + size,
                            speeds.cpuMicros(OWN),
                            CPU_UNIT,
                            "engine alone, same settings",
                            speeds.cpuMicros(ENGINE)));
        }
        results.add(exponent("exponent of cost in changes", sizes, seconds));
    }

    private static void heap(
            CdcSetting setting, List<Section> sections, RunOptions options, List<Result> results)
            throws Exception {
        FlinkReader reader = setting.reader();
        int[] sizes = sections.stream().mapToInt(Section::changes).toArray();
        double[] seconds = new double[sizes.length];
        double[] peaks = new double[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            Section section = sections.get(i);
            announce(options, "Reading one transaction of " + section.changes() + " changes");
            Rounds.Medians medians =
                    new Rounds()
                            .with(OWN, () -> reader.read(section, section.changes()).perSecond())
                            .run(options.rounds());
            seconds[i] = section.changes() / medians.of(OWN);
            options.progress().accept("Watching the heap meanwhile");
            double before = HeapWatch.usedAfterCollection();
            try (HeapWatch watch = HeapWatch.start()) {
                reader.read(section, section.changes());
                peaks[i] = watch.peak();
            }
            results.add(
                    against(
                            "peak heap, one transaction of " + section.changes(),
                            peaks[i] / MEGABYTE,
                            "MB",
                            "before the job",
                            before / MEGABYTE));
        }
        results.add(exponent("exponent of peak heap in a transaction's changes", sizes, peaks));
        results.add(exponent("exponent of cost in a transaction's changes", sizes, seconds));
    }

    private static void announce(RunOptions options, String what) {
        options.progress().accept(what + ", " + options.rounds() + " rounds");
    }

    private static Result against(
            String name, double value, String unit, String peer, double peerValue) {
        return Result.against(name, value, unit, peer, peerValue);
    }

    private static Result exponent(String name, int[] sizes, double[] costs) {
        double[] counts = new double[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            counts[i] = sizes[i];
        }
        return Result.against(name, Rounds.growthExponent(counts, costs), "", "linear", 1);
    }
}
