package io.onevault.jobs.cli;

import io.onevault.jobs.config.ConfigException;
import io.onevault.jobs.config.ConfigProblem;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.config.reachability.Finding;
import io.onevault.jobs.config.reachability.Reachability;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** Asks the servers of a configuration and says what was found. */
final class ServerChecks {

    private ServerChecks() {}

    /**
     * Prints what is only worth knowing.
     *
     * @param err where to
     * @param tolerated problems that do not stop the command
     * @throws ConfigException with all other problems
     */
    static void check(
            Path file, OneVaultConfig config, PrintWriter err, Predicate<ConfigProblem> tolerated)
            throws ConfigException {
        List<Finding> findings = new Reachability(file.toString()).check(config);
        for (Finding finding : findings) {
            if (!finding.fatal() || tolerated.test(finding.problem())) {
                err.println("Warning: " + finding.problem().sentence());
            }
        }
        err.flush();
        List<ConfigProblem> problems =
                findings.stream()
                        .filter(Finding::fatal)
                        .map(Finding::problem)
                        .filter(tolerated.negate())
                        .toList();
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
    }
}
