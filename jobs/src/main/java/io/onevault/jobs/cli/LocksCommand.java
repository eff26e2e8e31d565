package io.onevault.jobs.cli;

import io.onevault.connectors.locks.LockAccessException;
import io.onevault.connectors.locks.LockObserver;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.probe.Server;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.config.JdbcUrl;
import io.onevault.jobs.locks.graph.LockAnalysis;
import io.onevault.jobs.locks.report.BlockingJson;
import io.onevault.jobs.locks.report.BlockingText;
import java.io.PrintWriter;
import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Shows who blocks whom on any PostgreSQL from version 14 on, now or again and again. Needs neither
 * Flink nor the vault. While it watches, a server that goes away is named and asked again.
 */
@Command(
        name = "locks",
        description = {
            "Show who blocks whom on a PostgreSQL server now, root blockers first.",
            "The role pg_monitor suffices. The password comes from PGPASSWORD or ~/.pgpass."
        })
final class LocksCommand implements Callable<Integer> {

    private static final String HOME_AND_CLEAR = "\u001B[H\u001B[J";
    private static final int PLAIN_WIDTH = 160;
    private static final double SHORTEST = 0.1;

    private final UnaryOperator<@Nullable String> environment;

    @Spec private @Nullable CommandSpec spec;

    @Option(
            names = "--url",
            required = true,
            paramLabel = "JDBC",
            description = "The server, as jdbc:postgresql://host:port/database.")
    private String url = "";

    @Option(
            names = "--user",
            paramLabel = "U",
            description = "The role; otherwise that of the url, of PGUSER, or yours here.")
    private @Nullable String user;

    @Option(names = "--json", description = "One line of JSON instead of a tree.")
    private boolean json;

    @Option(
            names = "--watch",
            paramLabel = "S",
            description = "Look again every S seconds, until interrupted.")
    private @Nullable Double watch;

    private @Nullable LockObserver observer;

    LocksCommand(UnaryOperator<@Nullable String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws LockAccessException {
        if (spec == null) {
            throw new IllegalStateException("the command line did not set up this command");
        }
        if (watch != null && !(watch >= SHORTEST)) {
            throw new BadInputException("--watch is " + watch + "; give at least 0.1 seconds");
        }
        Server server = server();
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        boolean terminal = spec.commandLine().getColorScheme().ansi().enabled();
        int width = terminal ? spec.usageMessage().width() : PLAIN_WIDTH;
        try {
            observer = connect(server);
            List<String> told = new ArrayList<>();
            do {
                try {
                    look(server, terminal, width, told, out, err);
                } catch (LockAccessException e) {
                    close();
                    if (watch == null) {
                        throw e;
                    }
                    err.println("Warning: " + e.getMessage() + ".");
                    err.flush();
                }
            } while (watch != null && pause(watch));
        } finally {
            close();
        }
        return 0;
    }

    private Server server() {
        int query = url.indexOf('?');
        String address = query < 0 ? url : url.substring(0, query);
        if (address.matches("[^/]*//[^/]*@.*")) {
            throw new BadInputException(
                    "--url holds a user or password; give --user, and the password in PGPASSWORD or"
                            + " ~/.pgpass");
        }
        StringBuilder bare = new StringBuilder(address);
        String role = user;
        for (String parameter : query < 0 ? new String[0] : url.substring(query + 1).split("&")) {
            String name = parameter.replaceFirst("=.*", "").strip().toLowerCase(Locale.ROOT);
            if (name.endsWith("password")) {
                throw new BadInputException(
                        "--url holds a password, which others on this machine can see; put it into"
                                + " PGPASSWORD or ~/.pgpass");
            }
            if (name.equals("user")) {
                String given = parameter.substring(parameter.indexOf('=') + 1);
                role = role == null ? URLDecoder.decode(given, StandardCharsets.UTF_8) : role;
            } else {
                bare.append(bare.length() == address.length() ? '?' : '&').append(parameter);
            }
        }
        JdbcUrl.Fault fault = JdbcUrl.check(bare.toString());
        if (fault != null) {
            throw new BadInputException("--url " + fault.what() + "; " + fault.remedy());
        }
        if (role == null) {
            role = environment.apply("PGUSER");
        }
        if (role == null) {
            role = System.getProperty("user.name", "postgres");
        }
        String password = environment.apply("PGPASSWORD");
        // Without one the driver looks into ~/.pgpass by itself.
        return new Server(
                bare.toString(), role, password == null ? Secret.NONE : Secret.of(password));
    }

    /** What leads to no server at the first attempt is bad input. */
    private static LockObserver connect(Server server) {
        try {
            return LockObserver.connect(server);
        } catch (LockAccessException e) {
            throw new BadInputException(
                    e.finding().setting().equals("password")
                            ? "the password "
                                    + e.finding().what()
                                    + "; set PGPASSWORD, or write a line into ~/.pgpass"
                            : String.valueOf(e.getMessage()));
        }
    }

    private void look(
            Server server,
            boolean terminal,
            int width,
            List<String> told,
            PrintWriter out,
            PrintWriter err)
            throws LockAccessException {
        if (observer == null) {
            observer = LockObserver.connect(server);
        }
        LockSnapshot snapshot = observer.snapshot();
        LockAnalysis analysis = LockAnalysis.of(snapshot);
        for (String limit : snapshot.limits()) {
            if (!told.contains(limit)) {
                told.add(limit);
                err.println("Warning: " + limit);
            }
        }
        if (json) {
            if (!BlockingJson.write(snapshot, analysis, out)) {
                err.println(
                        "Warning: only the first " + BlockingJson.MOST_EDGES + " edges are shown.");
            }
            out.println();
        } else {
            if (watch != null && terminal) {
                out.print(HOME_AND_CLEAR);
            }
            String text = BlockingText.of(snapshot, analysis, terminal, width);
            boolean lines = Charset.defaultCharset().newEncoder().canEncode('└');
            out.print(lines ? text : BlockingText.ascii(text));
            if (watch != null && !terminal) {
                out.println();
            }
        }
        err.flush();
        out.flush();
    }

    /** Returns whether to go on. */
    private static boolean pause(double seconds) {
        try {
            Thread.sleep((long) (seconds * 1000));
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void close() {
        if (observer != null) {
            observer.close();
            observer = null;
        }
    }
}
