package io.onevault.benchmarks;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * How a benchmark runs.
 *
 * @param quick whether to show only that it works: little data, one round, figures without meaning
 * @param data folder of the series that forecasts are judged on
 * @param progress told in one line what runs now
 */
public record RunOptions(boolean quick, Path data, Consumer<String> progress) {

    private static final int ROUNDS = 5;

    /** Rounds whose median counts. */
    public int rounds() {
        return quick ? 1 : ROUNDS;
    }
}
