package io.onevault.jobs.locks.report;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.PreparedRow;
import io.onevault.connectors.model.SessionRow;
import io.onevault.jobs.locks.graph.BlockingChain;
import io.onevault.jobs.locks.graph.BlockingTree;
import io.onevault.jobs.locks.graph.DeadlockCycle;
import io.onevault.jobs.locks.graph.LockAnalysis;
import io.onevault.jobs.locks.graph.WaitForGraph;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An analysis as text: deadlocks, then each root blocker with all who wait indented below it. */
public final class BlockingText {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /** Characters that no terminal shows, but that turn or hide what stands beside them. */
    private static final Pattern INVISIBLE = Pattern.compile("[\\p{Cf}\\p{Cc}\\u2028\\u2029]");

    private static final int MOST_SESSIONS = 300;
    private static final int MOST_LEVELS = 20;
    private static final int MOST_LOCKS = 3;
    private static final long SLOW = 1_000_000;
    private static final long VERY_SLOW = 10_000_000;

    private final LockSnapshot snapshot;
    private final LockAnalysis analysis;
    private final WaitForGraph graph;
    private final LockWords words;
    private final boolean colour;
    private final int width;
    private final StringBuilder out = new StringBuilder();

    private BlockingText(LockSnapshot snapshot, LockAnalysis analysis, boolean colour, int width) {
        this.snapshot = snapshot;
        this.analysis = analysis;
        this.graph = analysis.graph();
        this.words = new LockWords(snapshot);
        this.colour = colour;
        this.width = width;
    }

    /**
     * Makes the text.
     *
     * @param colour whether it goes to a terminal
     * @param width after how many characters statements are cut
     */
    public static String of(
            LockSnapshot snapshot, LockAnalysis analysis, boolean colour, int width) {
        return new BlockingText(snapshot, analysis, colour, width).text();
    }

    /** The same text for a terminal that knows no other characters. */
    public static String ascii(String text) {
        return text.replace("└─", "`-")
                .replace("├─", "|-")
                .replace("│", "|")
                .replace("→", "->")
                .replace("·", "-")
                .replace("…", "...");
    }

    private String text() {
        Instant captured = Instant.EPOCH.plus(snapshot.capturedAtMicros(), ChronoUnit.MICROS);
        line(
                Style.BOLD.of("PostgreSQL " + shown(snapshot.serverVersion()), colour)
                        + "  "
                        + shown(snapshot.target())
                        + "  "
                        + Style.DIM.of(TIME.format(captured), colour));
        line(summary());
        for (DeadlockCycle cycle : analysis.cycles()) {
            line("");
            cycle(cycle);
        }
        int left = MOST_SESSIONS;
        for (BlockingChain chain : analysis.chains()) {
            line("");
            left = chain(chain, left);
            if (left <= 0) {
                line("");
                line(
                        Style.DIM.of(
                                "More than " + MOST_SESSIONS + " sessions; --json shows all.",
                                colour));
                break;
            }
        }
        return out.toString();
    }

    private String summary() {
        int waiters = graph.waiters();
        if (waiters == 0) {
            return Style.GREEN.of("Nobody waits for a lock.", colour);
        }
        long longest = 0;
        for (int node = 0; node < graph.size(); node++) {
            longest = Math.max(longest, wait(node));
        }
        int chains = analysis.chains().size();
        String text =
                count(waiters, "session waits", "sessions wait")
                        + ", the longest for "
                        + duration(longest)
                        + ", behind "
                        + count(chains, "root blocker", "root blockers")
                        + ".";
        int cycles = analysis.cycles().size();
        return text
                + (cycles == 0
                        ? ""
                        : " "
                                + Style.BOLD_RED.of(
                                        count(cycles, "deadlock", "deadlocks") + ".", colour));
    }

    private void cycle(DeadlockCycle cycle) {
        String around =
                cycle.pids().stream().map(String::valueOf).collect(Collectors.joining(" → "))
                        + " → "
                        + cycle.pids().get(0);
        line(
                Style.BOLD_RED.of(cycle.hard() ? "Deadlock " : "Cycle ", colour)
                        + Style.BOLD.of(around, colour)
                        + Style.DIM.of(
                                cycle.hard()
                                        ? "  the server will cancel one after deadlock_timeout"
                                        : "  through a wait queue; the server may reorder it",
                                colour));
        List<Integer> nodes = cycle.nodes();
        for (int i = 0; i < Math.min(nodes.size(), MOST_LEVELS); i++) {
            int node = nodes.get(i);
            LockRow reason = graph.reason(node, nodes.get((i + 1) % nodes.size()));
            line("  " + waiting(node, reason, true));
            statement("  " + " ".repeat(digits(graph.pid(node))) + "  ", node);
        }
    }

    private record Open(BlockingTree tree, String indent, boolean last, int level) {}

    /** Returns how many more sessions may be shown. */
    private int chain(BlockingChain chain, int room) {
        int left = room;
        Deque<Open> open = new ArrayDeque<>();
        open.push(new Open(chain.tree(), "", true, 0));
        while (!open.isEmpty() && left-- > 0) {
            Open at = open.pop();
            int node = at.tree().node();
            List<BlockingTree> children = at.tree().children();
            boolean shownBelow = !children.isEmpty() && at.level() < MOST_LEVELS;
            String below;
            if (at.level() == 0) {
                line(root(chain));
                below = "";
                held(chain, below + (shownBelow ? "│ " : "  ") + "  ");
            } else {
                line(
                        Style.DIM.of(at.indent() + (at.last() ? "└─ " : "├─ "), colour)
                                + waiting(node, at.tree().awaits(), at.tree().hard()));
                below = at.indent() + (at.last() ? "   " : "│  ");
            }
            statement(below + (shownBelow ? "│ " : "  ") + "  ", node);
            if (!shownBelow && !children.isEmpty()) {
                line(Style.DIM.of(below + "   … and more behind it", colour));
            }
            for (int i = children.size() - 1; shownBelow && i >= 0; i--) {
                boolean last = i == children.size() - 1;
                open.push(new Open(children.get(i), below, last, at.level() + 1));
            }
        }
        return left;
    }

    private String root(BlockingChain chain) {
        SessionRow session = graph.session(chain.root());
        String state = chain.rootState().isEmpty() ? "state unknown" : chain.rootState();
        if (session != null && session.stateChangeMicros() > 0) {
            state += " for " + duration(since(session.stateChangeMicros()));
        }
        boolean idle = chain.idleInTransaction() || chain.rootPid() == 0;
        String who = chain.rootPid() == 0 ? prepared(chain.root()) : who(session);
        return Style.BOLD_RED.of(
                        chain.rootPid() == 0 ? "prepared" : String.valueOf(chain.rootPid()), colour)
                + "  "
                + (chain.rootPid() == 0
                        ? ""
                        : (idle ? Style.YELLOW.of(state, colour) : state) + "  ")
                + Style.BOLD.of(
                        (chain.cyclic() ? "deadlocked, " : "")
                                + "blocks "
                                + chain.victims().size()
                                + (chain.depth() > 1 ? ", " + chain.depth() + " deep" : "")
                                + (chain.complete() ? "" : " and others shown above"),
                        colour)
                + "  "
                + Style.DIM.of(who, colour);
    }

    /** What a root holds that others want, but for its transaction, which is no news. */
    private void held(BlockingChain chain, String indent) {
        List<String> locks = new ArrayList<>();
        for (LockRow lock : snapshot.locks()) {
            if (lock.granted()
                    && lock.pid() == chain.rootPid()
                    && lock.pid() != 0
                    && locks.size() < MOST_LOCKS
                    && !lock.type().equals("transactionid")
                    && chain.tree().children().stream()
                            .anyMatch(child -> isSame(lock, child.awaits()))) {
                locks.add(words.lock(lock));
            }
        }
        if (!locks.isEmpty()) {
            line(
                    Style.DIM.of(indent, colour)
                            + "holds "
                            + Style.CYAN.of(shown(String.join(", ", locks)), colour));
        }
    }

    private static boolean isSame(LockRow held, @Nullable LockRow awaited) {
        return awaited != null
                && held.type().equals(awaited.type())
                && held.database() == awaited.database()
                && held.relation() == awaited.relation()
                && held.page() == awaited.page()
                && held.tuple() == awaited.tuple()
                && held.virtualXid().equals(awaited.virtualXid())
                && held.classId() == awaited.classId()
                && held.objectId() == awaited.objectId()
                && held.objectSubId() == awaited.objectSubId();
    }

    private String waiting(int node, @Nullable LockRow awaited, boolean hard) {
        long wait = wait(node);
        String time = "waits " + duration(wait);
        return Style.BOLD.of(String.valueOf(graph.pid(node)), colour)
                + "  "
                + (wait >= VERY_SLOW
                        ? Style.RED.of(time, colour)
                        : wait >= SLOW ? Style.YELLOW.of(time, colour) : time)
                + (hard ? "" : " in the queue")
                + " for "
                + Style.CYAN.of(awaited == null ? "a lock" : shown(words.lock(awaited)), colour)
                + "  "
                + Style.DIM.of(who(graph.session(node)), colour);
    }

    private String who(@Nullable SessionRow session) {
        if (session == null) {
            return "session has ended";
        }
        List<String> parts = new ArrayList<>();
        for (String part : List.of(session.user(), session.application(), session.client())) {
            if (!part.isEmpty()) {
                parts.add(cut(shown(part), 40));
            }
        }
        return parts.isEmpty() ? shown(session.backendType()) : String.join(" · ", parts);
    }

    private String prepared(int root) {
        for (LockRow lock : snapshot.locks()) {
            if (lock.pid() == 0
                    && lock.type().equals("transactionid")
                    && lock.virtualTransaction().equals(graph.virtualTransaction(root))) {
                for (PreparedRow prepared : snapshot.prepared()) {
                    if (prepared.transactionId() == lock.transactionId()) {
                        return shown(prepared.gid())
                                + " · "
                                + shown(prepared.owner())
                                + " · since "
                                + duration(since(prepared.preparedMicros()));
                    }
                }
            }
        }
        return "transaction without a session";
    }

    private void statement(String indent, int node) {
        SessionRow session = graph.session(node);
        if (session == null || session.query().isEmpty()) {
            return;
        }
        String when = session.state().startsWith("idle") ? "last: " : "";
        int taken = indent.length() + when.length() + session.queryFingerprint().length() + 2;
        int room = Math.max(20, width - taken);
        line(
                Style.DIM.of(indent + when, colour)
                        + cut(shown(session.query()), room)
                        + "  "
                        + Style.DIM.of(session.queryFingerprint(), colour));
    }

    private long wait(int node) {
        return since(graph.waitStartMicros(node));
    }

    private long since(long micros) {
        return micros == 0 ? 0 : Math.max(0, snapshot.capturedAtMicros() - micros);
    }

    private static String duration(long micros) {
        double seconds = micros / 1e6;
        if (seconds < 1) {
            return String.format(Locale.ROOT, "%.0f ms", seconds * 1000);
        }
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = (long) seconds;
        return whole < 3600
                ? whole / 60 + " min " + whole % 60 + " s"
                : whole / 3600 + " h " + whole % 3600 / 60 + " min";
    }

    private static String count(int number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }

    private static int digits(int number) {
        return String.valueOf(number).length();
    }

    private static String shown(String text) {
        return INVISIBLE.matcher(text).replaceAll(" ");
    }

    private static String cut(String text, int room) {
        if (text.length() <= room) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(room - 2)) ? room - 2 : room - 1;
        return text.substring(0, end) + "…";
    }

    private void line(String text) {
        out.append(text).append(System.lineSeparator());
    }
}
