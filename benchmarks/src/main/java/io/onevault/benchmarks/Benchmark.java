package io.onevault.benchmarks;

import java.util.List;

/** One thing that is measured, with its peers on the same data. */
public interface Benchmark {

    /** What {@code bench} calls it. */
    String name();

    /** What runs beside what, in one line of help: at most 58 characters. */
    String description();

    /**
     * Measures.
     *
     * @throws io.onevault.jobs.cli.BadInputException when something it needs is missing here
     */
    List<Result> run(RunOptions options) throws Exception;
}
