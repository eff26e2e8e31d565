package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.PreparedRow;
import io.onevault.connectors.model.SessionRow;
import io.onevault.jobs.locks.graph.BlockingChain;
import io.onevault.jobs.locks.graph.BlockingTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Writes incidents down: the root, its victims, and what they wait for. */
final class BlockerRows {

    private static final int MOST_VICTIMS = 200;
    private static final int MOST_RELATIONS = 20;

    private BlockerRows() {}

    /** Who the root of a chain is, for as long as it lives. */
    static String identity(BlockingChain chain, Look look) {
        if (chain.rootPid() == 0) {
            return "0/" + look.analysis().graph().virtualTransaction(chain.root());
        }
        SessionRow session = look.session(chain.rootPid());
        return chain.rootPid() + "/" + (session == null ? 0 : session.backendStartMicros());
    }

    static Blocker blocker(BlockingChain chain, Look look) {
        if (chain.rootPid() == 0) {
            return prepared(
                    look.prepared(look.analysis().graph().virtualTransaction(chain.root())),
                    look.analysis().graph().virtualTransaction(chain.root()));
        }
        SessionRow session = look.session(chain.rootPid());
        return session == null
                ? new Blocker(
                        chain.rootPid(), "", 0, "", "", 0, 0, "", false, "", "", "", "", "", false)
                : new Blocker(
                        chain.rootPid(),
                        "",
                        session.backendStartMicros(),
                        session.backendType(),
                        session.state(),
                        session.stateChangeMicros(),
                        session.xactStartMicros(),
                        session.user(),
                        session.superuser(),
                        session.application(),
                        session.client(),
                        session.database(),
                        session.query(),
                        session.queryFingerprint(),
                        session.visible());
    }

    private static Blocker prepared(@Nullable PreparedRow row, String virtualTransaction) {
        return new Blocker(
                0,
                row == null ? virtualTransaction : row.gid(),
                row == null ? 0 : row.preparedMicros(),
                "",
                "prepared",
                row == null ? 0 : row.preparedMicros(),
                0,
                row == null ? "" : row.owner(),
                false,
                "",
                "",
                row == null ? "" : row.database(),
                "",
                "",
                row != null);
    }

    /** How many of so many victims a row lists. */
    static int listed(int victims) {
        return Math.min(victims, MOST_VICTIMS);
    }

    static BlockingIncident first(String key, String target, Blocker root, long openedAt) {
        return new BlockingIncident(
                key, target, "", List.of(), root, 1, 0, "OPEN", "", openedAt, 0, 0, List.of(),
                List.of(), 0, 0, List.of(), 0, 0, 0, 0, false, 0, "", "");
    }

    /**
     * What was told last, with the root that a look shows and with the tables waited for so far:
     * the incident may be over before its next row is due.
     */
    static BlockingIncident present(
            BlockingIncident row,
            BlockingChain chain,
            Look look,
            Map<Integer, List<OpenWait>> waiting) {
        Blocker root = isSessionMissing(row, chain, look) ? row.root() : blocker(chain, look);
        boolean same = row.rootSinceMicros() != 0 && isSame(row.root(), root);
        List<String> relations = relations(row.relations(), chain, waiting);
        return same && relations.equals(row.relations())
                ? row
                : row.behind(
                        same ? row.root() : root,
                        same ? row.rootSinceMicros() : look.atMicros(),
                        relations);
    }

    /** Locks are read before sessions: one may end in between. */
    static boolean isSessionMissing(BlockingIncident row, BlockingChain chain, Look look) {
        return chain.rootPid() != 0
                && chain.rootPid() == row.root().pid()
                && look.session(chain.rootPid()) == null;
    }

    /** Whoever is the root by another transaction now has not blocked before. */
    private static boolean isSame(Blocker before, Blocker now) {
        return before.pid() == now.pid()
                && before.backendStartMicros() == now.backendStartMicros()
                && before.gid().equals(now.gid())
                && before.xactStartMicros() == now.xactStartMicros();
    }

    private static List<String> relations(
            List<String> before, BlockingChain chain, Map<Integer, List<OpenWait>> waiting) {
        if (before.size() >= MOST_RELATIONS) {
            return before;
        }
        TreeSet<String> relations = new TreeSet<>(before);
        for (int pid : chain.victims()) {
            for (OpenWait wait : waiting.getOrDefault(pid, List.of())) {
                if (!wait.row().relation().isEmpty() && relations.size() < MOST_RELATIONS) {
                    relations.add(wait.row().relation());
                }
            }
        }
        return List.copyOf(relations);
    }

    static BlockingIncident open(
            OpenIncident incident,
            BlockingChain chain,
            Look look,
            long totalMicros,
            Map<Integer, List<OpenWait>> waiting) {
        TreeSet<String> modes = new TreeSet<>();
        for (int pid : chain.victims()) {
            for (OpenWait wait : waiting.getOrDefault(pid, List.of())) {
                modes.add(wait.row().lockMode());
            }
        }
        BlockingIncident row = incident.row();
        Blocker root = isSessionMissing(row, chain, look) ? row.root() : blocker(chain, look);
        return new BlockingIncident(
                row.key(),
                row.target(),
                "",
                List.of(),
                root,
                incident.roots(),
                row.rootSinceMicros(),
                "OPEN",
                "",
                row.openedAtMicros(),
                0,
                Math.max(look.atMicros(), row.observedAtMicros() + 1),
                row.relations(),
                List.copyOf(modes),
                chain.depth(),
                chain.victims().size(),
                victims(chain, look),
                Math.max(row.longestWaitMicros(), chain.longestWaitMicros()),
                incident.peakDepth(),
                incident.peakVictims(),
                totalMicros,
                chain.cyclic(),
                0,
                "",
                "");
    }

    /** The last row anew, of an incident that lasts though a look does not show its victims. */
    static BlockingIncident again(
            OpenIncident incident, long observedAt, long longestMicros, long totalMicros) {
        BlockingIncident row = incident.row();
        return later(
                incident,
                "OPEN",
                "",
                0,
                observedAt,
                row.victimCount(),
                row.victims(),
                longestMicros,
                totalMicros);
    }

    static BlockingIncident closed(
            OpenIncident incident, long closedAt, long observedAt, String resolution) {
        return later(
                incident,
                "CLOSED",
                resolution,
                closedAt,
                observedAt,
                0,
                List.of(),
                incident.longestMicros(),
                incident.leftMicros());
    }

    /** The last row with what time alone changes. */
    private static BlockingIncident later(
            OpenIncident incident,
            String status,
            String resolution,
            long closedAt,
            long observedAt,
            int victimCount,
            List<Victim> victims,
            long longestMicros,
            long totalMicros) {
        BlockingIncident row = incident.row();
        return new BlockingIncident(
                row.key(),
                row.target(),
                row.tenant(),
                row.tenants(),
                row.root(),
                incident.roots(),
                row.rootSinceMicros(),
                status,
                resolution,
                row.openedAtMicros(),
                closedAt,
                Math.max(observedAt, row.observedAtMicros() + 1),
                row.relations(),
                row.lockModes(),
                row.depth(),
                victimCount,
                victims,
                Math.max(row.longestWaitMicros(), longestMicros),
                incident.peakDepth(),
                incident.peakVictims(),
                totalMicros,
                row.cyclic(),
                row.impactScore(),
                row.maintenanceKind(),
                row.advice());
    }

    private record Place(BlockingTree tree, int above) {}

    /** The first victims, level by level, each level by the beginning of the waits. */
    private static List<Victim> victims(BlockingChain chain, Look look) {
        List<Victim> found = new ArrayList<>();
        List<Place> level = below(List.of(new Place(chain.tree(), 0)));
        for (int depth = 1; !level.isEmpty() && found.size() < MOST_VICTIMS; depth++) {
            List<Victim> here = new ArrayList<>();
            for (Place place : level) {
                here.add(victim(place, depth, look));
            }
            here.sort(IncidentTracker.order());
            found.addAll(here.subList(0, Math.min(here.size(), MOST_VICTIMS - found.size())));
            level = below(level);
        }
        return List.copyOf(found);
    }

    private static List<Place> below(List<Place> level) {
        List<Place> next = new ArrayList<>();
        for (Place place : level) {
            place.tree()
                    .children()
                    .forEach(child -> next.add(new Place(child, place.tree().pid())));
        }
        return next;
    }

    private static Victim victim(Place place, int depth, Look look) {
        BlockingTree tree = place.tree();
        SessionRow session = look.session(tree.pid());
        LockRow awaits = tree.awaits();
        return new Victim(
                tree.pid(),
                session == null ? 0 : session.backendStartMicros(),
                place.above(),
                tree.hard(),
                depth,
                session == null ? "" : session.user(),
                session == null ? "" : session.application(),
                session == null ? "" : session.database(),
                awaits == null ? "" : awaits.type(),
                awaits == null ? "" : awaits.mode(),
                awaits == null ? "" : look.relation(awaits),
                awaits == null ? 0 : awaits.waitStartMicros(),
                session == null ? "" : session.query());
    }
}
