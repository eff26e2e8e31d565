package io.onevault.jobs.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file. Not thread-safe. */
final class ProblemList {

    private final String file;
    private final List<ConfigProblem> found = new ArrayList<>();

    ProblemList(String file) {
        this.file = file;
    }

    /** See {@link ConfigProblem} for the parameters. */
    void add(int line, String key, String value, String what, String remedy) {
        found.add(new ConfigProblem(file, line, key, value, what, remedy));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** Everything found, in the order of the file. */
    List<ConfigProblem> inOrder() {
        List<ConfigProblem> sorted = new ArrayList<>(found);
        sorted.sort(Comparator.comparingInt(ConfigProblem::line));
        return sorted;
    }
}
