package io.onevault.jobs.cli;

import io.onevault.forecasting.csv.CsvInputException;
import io.onevault.jobs.config.ConfigException;
import io.onevault.jobs.config.ConfigProblem;
import io.onevault.jobs.config.ConfigReader;
import io.onevault.sql.DeployException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command line. Exit codes: 0 on success, 2 on input that cannot be used, with one clear
 * sentence per mistake on standard error, 1 on failure. Stack traces only with {@code --verbose}.
 */
@Command(
        name = "onevault",
        mixinStandardHelpOptions = true,
        versionProvider = OneVault.Version.class,
        description = "Watches PostgreSQL servers and keeps what it finds in a vault.",
        synopsisSubcommandLabel = "COMMAND")
public final class OneVault implements Runnable {

    private static final int FAILURE = 1;
    private static final int BAD_INPUT = 2;

    /** Held, or the setting would be collected with it. */
    private static final Logger DRIVER = Logger.getLogger("org.postgresql");

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Show stack traces of failures.")
    private boolean verbose;

    private OneVault() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(writer(System.out), writer(System.err), System::getenv, arguments));
    }

    /**
     * Runs a command in this process.
     *
     * @param environment variable name to value, null when unset; for the configuration
     * @return the exit code
     */
    static int run(
            PrintWriter out,
            PrintWriter err,
            UnaryOperator<@Nullable String> environment,
            String... arguments) {
        // The driver's remarks, which may quote a URL, have no place between the sentences.
        DRIVER.setLevel(Level.OFF);
        OneVault main = new OneVault();
        ConfigReader reader = new ConfigReader(environment);
        CommandLine line =
                new CommandLine(main)
                        .addSubcommand(new DeployCommand(reader))
                        .addSubcommand(new ValidateCommand(reader))
                        .addSubcommand(new RunCommand(reader))
                        .addSubcommand(new LocksCommand(environment))
                        .addSubcommand(new ForecastCommand());
        for (OneVaultCommand command : ServiceLoader.load(OneVaultCommand.class)) {
            line.addSubcommand(command);
        }
        for (CommandLine command : line.getSubcommands().values()) {
            command.getCommandSpec().mixinStandardHelpOptions(true);
        }
        line.setOut(out)
                .setErr(err)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(OneVault::badParameter)
                .setExecutionExceptionHandler((e, command, parsed) -> main.failed(e, err));
        int code = line.execute(arguments);
        out.flush();
        err.flush();
        return code;
    }

    /** Without a command. */
    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "Which command?");
        }
    }

    private static int badParameter(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        String sentence = String.valueOf(e.getMessage());
        err.println(sentence.matches(".*[.?!]") ? sentence : sentence + '.');
        String name = command.getCommandSpec().qualifiedName();
        if (command.getParent() == null) {
            err.println("Commands: " + String.join(", ", command.getSubcommands().keySet()) + ".");
        }
        err.println("Try: ./" + name + " --help");
        err.flush();
        return BAD_INPUT;
    }

    private int failed(Exception e, PrintWriter err) {
        if (verbose) {
            e.printStackTrace(err);
        }
        if (e instanceof ConfigException config) {
            config.problems().stream().map(ConfigProblem::sentence).forEach(err::println);
            return BAD_INPUT;
        }
        if (e instanceof BadInputException
                || e instanceof CsvInputException
                || e instanceof DeployException) {
            err.println(sentence(String.valueOf(e.getMessage())));
            return BAD_INPUT;
        }
        String message = e.getMessage();
        err.println(
                sentence(
                        "The command failed: "
                                + (message == null ? e.getClass().getSimpleName() : message)));
        if (!verbose) {
            err.println("Run it again with --verbose for details.");
        }
        return FAILURE;
    }

    private static String sentence(String text) {
        String capital =
                text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
        return capital.endsWith(".") ? capital : capital + '.';
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, Charset.defaultCharset()), true);
    }

    /** The release, from the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = OneVault.class.getPackage().getImplementationVersion();
            return new String[] {
                "One Vault Streams " + (version == null ? "(not packaged)" : version),
                "Java " + System.getProperty("java.version")
            };
        }
    }
}
