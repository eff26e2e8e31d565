package io.onevault.jobs.cli;

import java.util.concurrent.Callable;

/**
 * A command of {@code ./onevault} that another module brings. Implementations carry picocli's
 * {@code @Command}, which names them, have a public constructor without parameters, and stand in
 * {@code META-INF/services/io.onevault.jobs.cli.OneVaultCommand}. They get {@code --help} and
 * {@code --verbose} from the command line itself.
 *
 * <p>{@link #call} returns the exit code: 0 on success, 1 on failure. Input that cannot be used is
 * a {@link BadInputException}; any other exception ends the command with 1 and one sentence.
 */
public interface OneVaultCommand extends Callable<Integer> {}
