package io.onevault.benchmarks.cdc;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.RunOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * What each setting of Debezium's engine is worth: the engine alone with the change source's
 * settings, and with one of them changed, in turn, over the same log.
 */
public final class CdcSettingsBenchmark implements Benchmark {

    private static final int CHANGES = 100_000;
    private static final int QUICK_CHANGES = 1_000;
    private static final String OWN = "the settings of cdc";

    /** Each changes one thing; an empty value leaves the setting out. */
    private static final Map<String, Map<String, String>> VARIANTS = variants();

    @Override
    public String name() {
        return "cdc-settings";
    }

    @Override
    public String description() {
        return "row changes/s of the engine alone, setting by setting";
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        int changes = options.quick() ? QUICK_CHANGES : CHANGES;
        try (CdcSetting setting = CdcSetting.start(options)) {
            options.progress().accept("Writing " + changes + " changes");
            Section section = setting.write(changes, false);
            Properties own = EnginePeer.asOwn(setting.log());
            Speeds speeds = new Speeds(options.rounds());
            Rounds rounds =
                    new Rounds()
                            .with(OWN, () -> speeds.of(OWN, setting.engine(section, own, changes)));
            VARIANTS.forEach(
                    (name, changed) ->
                            rounds.with(
                                    name,
                                    () ->
                                            speeds.of(
                                                    name,
                                                    setting.engine(
                                                            section,
                                                            with(own, changed),
                                                            changes))));
            options.progress()
                    .accept("%d settings, %d rounds".formatted(VARIANTS.size(), options.rounds()));
            Rounds.Medians medians = rounds.run(options.rounds());
            List<Result> results = new ArrayList<>();
            for (String name : VARIANTS.keySet()) {
                results.add(
                        Result.against(name, medians.of(name), "changes/s", OWN, medians.of(OWN)));
                results.add(
                        Result.against(
                                name,
                                speeds.cpuMicros(name),
                                "us of processor time",
                                OWN,
                                speeds.cpuMicros(OWN)));
            }
            return results;
        }
    }

    private static Properties with(Properties own, Map<String, String> changed) {
        Properties settings = new Properties();
        settings.putAll(own);
        changed.forEach(
                (name, value) -> {
                    if (value.isEmpty()) {
                        settings.remove(name);
                    } else {
                        settings.setProperty(name, value);
                    }
                });
        return settings;
    }

    private static Map<String, Map<String, String>> variants() {
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        one(all, "max.queue.size.in.bytes", "0");
        one(all, "max.batch.size", "512");
        one(all, "max.batch.size", "8000");
        one(all, "max.queue.size", "2049");
        one(all, "max.queue.size", "32768");
        one(all, "poll.interval.ms", "5");
        one(all, "poll.interval.ms", "500");
        one(all, "record.processing.threads", "2");
        one(all, "record.processing.threads", "");
        one(all, "heartbeat.interval.ms", "0");
        one(all, "provide.transaction.metadata", "true");
        one(all, "status.update.interval.ms", "1000");
        one(all, "lsn.flush.mode", "connector_and_driver");
        one(all, "driver.receiveBufferSize", "1048576");
        one(all, "decimal.handling.mode", "string");
        one(all, "binary.handling.mode", "hex");
        one(all, "time.precision.mode", "connect");
        one(all, "statistics.metrics.enabled", "true");
        return all;
    }

    private static void one(Map<String, Map<String, String>> all, String name, String value) {
        all.put(name + "=" + value, Map.of(name, value));
    }
}
