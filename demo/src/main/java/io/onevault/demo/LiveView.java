package io.onevault.demo;

import io.onevault.demo.past.Verdict;
import io.onevault.demo.workload.WorkloadReport;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shows what the vault says while it grows: a redrawn screen on a terminal, a line now and then
 * elsewhere.
 */
final class LiveView {

    private static final int SPARKLINE_WIDTH = 24;
    private static final int SESSION_WIDTH = 110;
    private static final int NAME_WIDTH = 40;
    private static final int MESSAGE_WIDTH = 140;
    private static final int LATEST = 5;
    private static final int MOST_MESSAGES = 20;
    private static final String ESC = "\u001B[";
    private static final String HOME_AND_CLEAR = ESC + "H" + ESC + "J";
    private static final String RESET = ESC + "0m";
    private static final String BOLD = ESC + "1m";
    private static final String DIM = ESC + "2m";
    private static final String RED = ESC + "31m";
    private static final String GREEN = ESC + "32m";
    private static final String YELLOW = ESC + "33m";

    private final PrintStream out;
    private final boolean terminal;
    private final URI flinkAddress;
    private @Nullable VaultSnapshot previous;
    private @Nullable WorkloadReport previousReport;
    private int shown;
    private Duration previousElapsed = Duration.ZERO;

    LiveView(PrintStream out, boolean terminal, URI flinkAddress) {
        this.out = out;
        this.terminal = terminal;
        this.flinkAddress = flinkAddress;
        if (!terminal) {
            out.println("Flink's web interface: " + flinkAddress);
        }
    }

    /** How often it wants to be drawn. */
    Duration interval() {
        return terminal ? Duration.ofSeconds(1) : Duration.ofSeconds(5);
    }

    /**
     * @param messages that receivers of alerts got so far, a line each
     */
    void draw(
            Duration elapsed,
            Duration total,
            VaultSnapshot now,
            WorkloadReport report,
            List<String> messages) {
        double seconds = Math.max(0.001, elapsed.minus(previousElapsed).toMillis() / 1000.0);
        VaultSnapshot before = previous == null ? now : previous;
        WorkloadReport reportBefore = previousReport == null ? report : previousReport;
        double rows = (now.rows() - before.rows()) / seconds;
        double transactions = (report.transactions() - reportBefore.transactions()) / seconds;
        if (terminal) {
            out.print(screen(elapsed, total, now, report, rows, transactions));
            out.println();
            out.println(heading("Messages to people: " + messages.size()));
            messages.subList(Math.max(0, messages.size() - LATEST), messages.size())
                    .forEach(message -> out.println("  " + shortened(message, MESSAGE_WIDTH)));
        } else {
            out.printf(
                    Locale.ROOT,
                    "%4d s  %,d series (%d warning, %d critical)  %,d windows  %,d vault rows"
                            + " (%.0f/s)  lag %.1f s  blocking: %d of %d open, %d deadlocks "
                            + " workload: %.0f transactions/s, %d deadlocks, %d lock waits%n",
                    elapsed.toSeconds(),
                    now.watched(),
                    now.warning(),
                    now.critical(),
                    now.windows(),
                    now.rows(),
                    rows,
                    now.lagSeconds(),
                    now.locks().open(),
                    now.locks().incidents(),
                    now.locks().deadlocks(),
                    transactions,
                    report.deadlocks(),
                    report.lockWaits());
        }
        if (!terminal) {
            messages.subList(shown, messages.size())
                    .forEach(message -> out.println("  told: " + message));
        }
        shown = messages.size();
        out.flush();
        previous = now;
        previousReport = report;
        previousElapsed = elapsed;
    }

    void end(
            DemoSummary summary,
            WorkloadReport report,
            VaultSnapshot last,
            Map<String, Long> rowsAtServer,
            List<String> messages) {
        out.println();
        out.println(heading("What the receivers of alerts got, a web hook and a mailbox here"));
        messages.stream()
                .limit(MOST_MESSAGES)
                .forEach(message -> out.println("  " + shortened(message, MESSAGE_WIDTH)));
        if (messages.size() > MOST_MESSAGES) {
            out.println("  and " + (messages.size() - MOST_MESSAGES) + " more");
        }
        out.println();
        out.println(heading("Series at the end"));
        last.series().forEach(series -> out.println(line(series)));
        out.println();
        out.println(heading("Forecasts of the tenants' documents, against what is true"));
        out.println(ForecastLines.heading());
        summary.verdicts().forEach(verdict -> out.println(ForecastLines.of(verdict)));
        out.println();
        out.println(heading("What each tenant holds, as its row changes say"));
        for (VaultSnapshot.TenantStorage tenant : last.tenants()) {
            out.printf(
                    Locale.ROOT,
                    "  %-12s %,9d rows  %9s bytes   counted at the server: %,d rows%n",
                    tenant.tenant(),
                    tenant.rows(),
                    number(tenant.bytes()),
                    rowsAtServer.getOrDefault(tenant.tenant(), 0L));
        }
        out.println();
        out.println(heading("Counted in the vault and at the server"));
        List.of(
                        figure("row changes read from logs", summary.changes()),
                        figure("samples", summary.samples()),
                        figure("windows", summary.windows()),
                        figure("vault rows", summary.vaultRows()),
                        figure("collection gaps", summary.gaps()),
                        figure("dead letters", summary.deadLetters()),
                        figure("blocking incidents", summary.locks().opened()),
                        figure("  of them over", summary.locks().closed()),
                        figure("deadlocks counted by the server", summary.deadlocksServer()),
                        figure("deadlocks found", summary.locks().deadlocks()),
                        figure("  before the server ended them", summary.locks().before()),
                        figure("near misses", summary.locks().nearMisses()),
                        figure("alerts", summary.alertsFired()),
                        figure("  of them over", summary.alertsResolved()),
                        figure("messages delivered", summary.notificationsDelivered()),
                        figure("forecasts", summary.forecasts()),
                        figure("  judged against the truth", summary.verdicts().size()),
                        figure(
                                "  right about when it is full, or never",
                                summary.verdicts().stream().filter(Verdict::right).count()))
                .forEach(out::println);
        if (summary.locks().median() != null) {
            out.printf(
                    Locale.ROOT,
                    "  from a wait's start to its row: median %.0f ms, 99 of 100 within %.0f ms,"
                            + " longest %.0f ms%n",
                    summary.locks().median(),
                    summary.locks().p99(),
                    summary.locks().longest());
        }
        out.println();
        out.println(heading("What the workload did"));
        List.of(
                        figure("transactions", report.transactions()),
                        figure("deadlocks suffered", report.deadlocks()),
                        figure("lock waits arranged", report.lockWaits()),
                        figure("failed logins", report.failedLogins()),
                        figure("idle transactions", report.idleInTransaction()),
                        figure("statements spilling to disk", report.tempFileStatements()),
                        figure("slow statements", report.slowStatements()))
                .forEach(out::println);
        out.flush();
    }

    private String screen(
            Duration elapsed,
            Duration total,
            VaultSnapshot now,
            WorkloadReport report,
            double rows,
            double transactions) {
        StringBuilder screen = new StringBuilder(HOME_AND_CLEAR);
        screen.append(
                String.format(
                        Locale.ROOT,
                        "%sOne Vault Streams%s   %d of %d s   Flink: %s%n%n",
                        BOLD,
                        RESET,
                        elapsed.toSeconds(),
                        total.toSeconds(),
                        flinkAddress));
        screen.append(
                String.format(
                        Locale.ROOT,
                        "watched   %,d series   %s%d warning%s   %s%d critical%s   lag %.1f s%n",
                        now.watched(),
                        YELLOW,
                        now.warning(),
                        RESET,
                        RED,
                        now.critical(),
                        RESET,
                        now.lagSeconds()));
        screen.append(
                String.format(
                        Locale.ROOT,
                        "vault     %,d windows   %,d rows   %.0f rows/s%n",
                        now.windows(),
                        now.rows(),
                        rows));
        screen.append(
                String.format(
                        Locale.ROOT,
                        "workload  %.0f transactions/s   %d deadlocks   %d lock waits   %d failed"
                                + " logins%n",
                        transactions,
                        report.deadlocks(),
                        report.lockWaits(),
                        report.failedLogins()));
        if (now.tenants().isEmpty()) {
            screen.append(System.lineSeparator());
        } else {
            screen.append("tenants  ");
            for (VaultSnapshot.TenantStorage tenant : now.tenants()) {
                screen.append(
                        String.format(
                                Locale.ROOT, " %s %,d rows ", tenant.tenant(), tenant.rows()));
            }
            screen.append(System.lineSeparator());
        }
        screen.append(
                String.format(
                        Locale.ROOT,
                        "blocking  %d open of %d incidents   %d deadlocks%n",
                        now.locks().open(),
                        now.locks().incidents(),
                        now.locks().deadlocks()));
        now.locks()
                .tree()
                .forEach(
                        session ->
                                screen.append("  ")
                                        .append(shortened(session, SESSION_WIDTH))
                                        .append(System.lineSeparator()));
        screen.append(System.lineSeparator());
        if (!now.forecasts().isEmpty()) {
            screen.append("forecasts, against what is true").append(System.lineSeparator());
            screen.append(DIM).append(ForecastLines.heading()).append(RESET);
            screen.append(System.lineSeparator());
            now.forecasts()
                    .forEach(
                            verdict ->
                                    screen.append(ForecastLines.of(verdict))
                                            .append(System.lineSeparator()));
            screen.append(System.lineSeparator());
        }
        if (now.series().isEmpty()) {
            screen.append(DIM).append("the first windows are still open …").append(RESET);
        }
        now.series().forEach(series -> screen.append(line(series)).append(System.lineSeparator()));
        return screen.toString();
    }

    private String line(VaultSnapshot.Series series) {
        List<Double> values = series.values();
        String latest =
                values.isEmpty()
                        ? "–"
                        : number(values.get(values.size() - 1)) + " " + series.unit();
        String name = shortened(series.name(), NAME_WIDTH);
        return String.format(
                Locale.ROOT,
                "%s %-" + NAME_WIDTH + "s %s  %s",
                state(series.status()),
                name,
                Sparkline.of(values, SPARKLINE_WIDTH),
                latest);
    }

    private static String shortened(String text, int width) {
        return text.length() > width ? text.substring(0, width - 1) + "…" : text;
    }

    private String state(String status) {
        if (!terminal) {
            return String.format("%-8s", status);
        }
        String colour =
                switch (status) {
                    case "NORMAL" -> GREEN;
                    case "WARNING" -> YELLOW;
                    case "CRITICAL" -> RED;
                    default -> DIM;
                };
        return colour + String.format("%-8s", status) + RESET;
    }

    private String heading(String text) {
        return terminal ? BOLD + text + RESET : text;
    }

    private static String figure(String name, long value) {
        return String.format(Locale.ROOT, "  %-34s %,12d", name, value);
    }

    private static String number(double value) {
        double size = Math.abs(value);
        if (size >= 1e9) {
            return String.format(Locale.ROOT, "%.2f G", value / 1e9);
        }
        if (size >= 1e6) {
            return String.format(Locale.ROOT, "%.2f M", value / 1e6);
        }
        if (size >= 1e4) {
            return String.format(Locale.ROOT, "%.1f k", value / 1e3);
        }
        return String.format(Locale.ROOT, size < 10 ? "%.2f" : "%.1f", value);
    }
}
