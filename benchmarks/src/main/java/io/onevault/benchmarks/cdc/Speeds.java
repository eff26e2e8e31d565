package io.onevault.benchmarks.cdc;

import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.cdc.Arrivals.Passage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps the processor time of contenders, of which rounds compare the changes per second. */
final class Speeds {

    private final int rounds;
    private final Map<String, List<Double>> micros = new HashMap<>();

    /**
     * @param rounds how many count; those before warm up
     */
    Speeds(int rounds) {
        this.rounds = rounds;
    }

    /** Notes a contender's passage; returns its changes per second. */
    double of(String contender, Passage passage) {
        micros.computeIfAbsent(contender, name -> new ArrayList<>()).add(passage.cpuMicros());
        return passage.perSecond();
    }

    /** The median processor time of one change, in microseconds. */
    double cpuMicros(String contender) {
        List<Double> all = micros.getOrDefault(contender, List.of());
        return Rounds.median(
                all.stream().skip(all.size() - rounds).mapToDouble(Double::doubleValue).toArray());
    }
}
