package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.SessionRow;
import io.onevault.jobs.locks.graph.BlockingChain;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows each root blocker and its victims as one incident. A chain goes on as the incident with
 * the same root; else as the one whose root blocks no more and with which it shares most victims;
 * else it is a new one. An incident that no chain goes on ends, and is closed when it is known how
 * its last victims' waits ended.
 */
final class IncidentTracker {

    private static final long SECOND = TimeUnit.SECONDS.toMicros(1);

    /** An incident that goes on is told again after so long though it looks the same. */
    private static final long LONGEST_SILENCE = TimeUnit.SECONDS.toMicros(10);

    private final String target;
    private final EpisodeState state;
    private final WaitTracker waits;
    private final Evidence evidence;

    /** By incident, keys of its members' waits, those not settled as well. */
    private final Map<String, Set<String>> members = new HashMap<>();

    /** By incident, the processes that were its victims at the last look. */
    private final Map<String, Set<Integer>> victims = new HashMap<>();

    /** By incident, those that its last row was about. After a restore nobody knows. */
    private final Map<String, Set<Integer>> told = new HashMap<>();

    private final VictimPace pace = new VictimPace();

    IncidentTracker(String target, EpisodeState state, WaitTracker waits, Evidence evidence) {
        this.target = target;
        this.state = state;
        this.waits = waits;
        this.evidence = evidence;
        for (OpenWait wait : state.waits.values()) {
            for (OpenWait.Membership membership : wait.memberships()) {
                membersOf(membership.incident()).add(wait.key());
                if (wait.lasts()) {
                    victims.computeIfAbsent(membership.incident(), key -> new HashSet<>())
                            .add(wait.leader());
                }
            }
        }
        for (OpenIncident incident : state.incidents.values()) {
            int root = incident.row().root().pid();
            if (waits.ofProcess(root) != null) {
                // Its root waits too: it is a cycle.
                victims.computeIfAbsent(incident.key(), key -> new HashSet<>()).add(root);
            }
        }
    }

    private Set<String> membersOf(String incident) {
        return members.computeIfAbsent(incident, key -> new TreeSet<>());
    }

    /** Takes in the chains of a look, after {@link WaitTracker#look}. */
    void look(Look look, Episodes out) {
        List<BlockingChain> chains = look.analysis().chains();
        if (chains.isEmpty() && state.incidents.isEmpty()) {
            return;
        }
        Map<Integer, List<OpenWait>> waiting = byLeader();
        String[] incidents = match(chains, look);
        Map<String, Set<String>> now = new HashMap<>();
        Map<String, Set<Integer>> before = Map.copyOf(victims);
        victims.clear();
        Map<String, BlockingChain> chainOf = new TreeMap<>();
        Set<String> hidden = new HashSet<>();
        for (int i = 0; i < incidents.length; i++) {
            BlockingChain chain = chains.get(i);
            String key = incidents[i];
            if (chain.victims().isEmpty()) {
                // All of them are shown with other roots, to keep the whole within bounds.
                if (!key.isEmpty()) {
                    hidden.add(key);
                    victims.put(key, before.getOrDefault(key, Set.of()));
                    now.put(key, membersOf(key));
                }
                continue;
            }
            if (key.isEmpty()) {
                key = open(chain, look, waiting);
            }
            if (key.isEmpty()) {
                continue;
            }
            chainOf.put(key, chain);
            Set<Integer> all = new HashSet<>(chain.victims());
            if (chain.cyclic()) {
                // It waits as they do, and may be the victim of the next root when the cycle ends.
                all.add(chain.rootPid());
            }
            victims.put(key, all);
            Set<String> in = new HashSet<>();
            for (int pid : chain.victims()) {
                for (OpenWait wait : waiting.getOrDefault(pid, List.of())) {
                    in.add(wait.key());
                }
            }
            now.put(key, in);
        }
        leave(now, look);
        join(now, look);
        pace.at(look.atMicros());
        List<OpenIncident> changed = new ArrayList<>();
        for (OpenIncident incident : List.copyOf(state.incidents.values())) {
            BlockingChain chain = chainOf.get(incident.key());
            if (chain != null) {
                OpenIncident next = goOn(incident, chain, look, waiting);
                if (mustBeTold(next, look.atMicros())) {
                    tell(next, chain, look, waiting, out);
                } else if (hasChanged(next, chain, look.atMicros())) {
                    changed.add(next);
                }
            } else if (hidden.contains(incident.key())) {
                goOnHidden(incident, look.atMicros(), out);
            } else if (incident.lasts()) {
                state.incidents.put(
                        incident.key(),
                        incident.ended(
                                look.atMicros(),
                                state.time().lookMicros(),
                                isUnseen(incident, look)));
            }
        }
        changed.sort(Comparator.comparingInt(each -> -victims(each)));
        for (OpenIncident next : changed) {
            BlockingChain chain = chainOf.get(next.key());
            if (chain != null && pace.allows(BlockerRows.listed(victims(next)))) {
                tell(next, chain, look, waiting, out);
            }
        }
    }

    private int victims(OpenIncident incident) {
        return victims.getOrDefault(incident.key(), Set.of()).size();
    }

    private Map<Integer, List<OpenWait>> byLeader() {
        Map<Integer, List<OpenWait>> all = new HashMap<>();
        for (OpenWait wait : state.waits.values()) {
            if (wait.lasts()) {
                all.computeIfAbsent(wait.leader(), pid -> new ArrayList<>(1)).add(wait);
            }
        }
        return all;
    }

    /** By chain, the incident that goes on as it, or empty. */
    private String[] match(List<BlockingChain> chains, Look look) {
        String[] matched = new String[chains.size()];
        Map<String, String> byRoot = new HashMap<>();
        for (OpenIncident incident : state.incidents.values()) {
            if (incident.lasts()) {
                byRoot.put(incident.root(), incident.key());
            }
        }
        Map<Integer, List<String>> rootless = new HashMap<>();
        for (int i = 0; i < matched.length; i++) {
            String found = byRoot.remove(BlockerRows.identity(chains.get(i), look));
            matched[i] = found == null ? "" : found;
        }
        for (String key : new TreeSet<>(byRoot.values())) {
            for (int pid : victims.getOrDefault(key, Set.of())) {
                rootless.computeIfAbsent(pid, which -> new ArrayList<>(1)).add(key);
            }
        }
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < matched.length && !rootless.isEmpty(); i++) {
            if (matched[i].isEmpty()) {
                matched[i] = heir(chains.get(i), rootless, taken);
                taken.add(matched[i]);
            }
        }
        return matched;
    }

    private static String heir(
            BlockingChain chain, Map<Integer, List<String>> rootless, Set<String> taken) {
        Map<String, Integer> shared = new TreeMap<>();
        for (int pid : chain.victims()) {
            for (String key : rootless.getOrDefault(pid, List.of())) {
                if (!taken.contains(key)) {
                    shared.merge(key, 1, Integer::sum);
                }
            }
        }
        String best = "";
        int most = 0;
        for (Map.Entry<String, Integer> entry : shared.entrySet()) {
            if (entry.getValue() > most) {
                best = entry.getKey();
                most = entry.getValue();
            }
        }
        return best;
    }

    private String open(BlockingChain chain, Look look, Map<Integer, List<OpenWait>> waiting) {
        long began = Long.MAX_VALUE;
        for (int pid : chain.victims()) {
            for (OpenWait wait : waiting.getOrDefault(pid, List.of())) {
                boolean first = wait.memberships().isEmpty() && wait.row().incident().isEmpty();
                began = Math.min(began, first ? wait.row().waitStartMicros() : look.atMicros());
            }
        }
        if (began == Long.MAX_VALUE) {
            return "";
        }
        Blocker root = BlockerRows.blocker(chain, look);
        String key = target + "/" + root.pid() + "/" + root.backendStartMicros() + "/" + began;
        if (root.pid() == 0) {
            key = key + "/" + root.gid();
        }
        if (state.incidents.get(key) != null) {
            key = key + "/" + look.atMicros();
        }
        BlockingIncident row = BlockerRows.first(key, target, root, began);
        state.incidents.put(
                key,
                new OpenIncident(
                        row,
                        BlockerRows.identity(chain, look),
                        1,
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        false,
                        0,
                        0,
                        ""));
        return key;
    }

    private void leave(Map<String, Set<String>> now, Look look) {
        // Of a time when nobody looked, what was seen before counts.
        long at = state.time().blind() ? state.time().lookMicros() : look.atMicros();
        for (Map.Entry<String, Set<String>> entry : members.entrySet()) {
            Set<String> stay = now.getOrDefault(entry.getKey(), Set.of());
            List<String> left = new ArrayList<>();
            for (String key : entry.getValue()) {
                OpenWait wait = state.waits.get(key);
                if (wait != null && wait.lasts() && !stay.contains(key)) {
                    left.add(key);
                    List<OpenWait.Membership> rest = new ArrayList<>();
                    for (OpenWait.Membership membership : wait.memberships()) {
                        if (!membership.incident().equals(entry.getKey())) {
                            rest.add(membership);
                        } else {
                            leave(entry.getKey(), membership.sinceMicros(), at);
                        }
                    }
                    state.waits.put(key, wait.in(rest));
                }
            }
            left.forEach(entry.getValue()::remove);
        }
        members.values().removeIf(Set::isEmpty);
    }

    private void leave(String incident, long since, long at) {
        OpenIncident open = state.incidents.get(incident);
        if (open != null) {
            state.incidents.put(incident, open.passedOn(at - since, at));
        }
    }

    private void join(Map<String, Set<String>> now, Look look) {
        for (Map.Entry<String, Set<String>> entry : new TreeMap<>(now).entrySet()) {
            Set<String> known = membersOf(entry.getKey());
            for (String key : entry.getValue()) {
                OpenWait wait = state.waits.get(key);
                if (wait != null && !wait.isIn(entry.getKey())) {
                    boolean first = wait.row().incident().isEmpty();
                    long since = first ? wait.row().waitStartMicros() : look.atMicros();
                    state.waits.put(key, wait.joined(entry.getKey(), since));
                    known.add(key);
                }
            }
        }
    }

    private OpenIncident goOn(
            OpenIncident before,
            BlockingChain chain,
            Look look,
            Map<Integer, List<OpenWait>> waiting) {
        boolean missing = BlockerRows.isSessionMissing(before.row(), chain, look);
        OpenIncident next =
                before.seen(
                        BlockerRows.present(before.row(), chain, look, waiting),
                        missing ? before.root() : BlockerRows.identity(chain, look),
                        chain.depth(),
                        chain.victims().size());
        if (!next.equals(before)) {
            state.incidents.put(next.key(), next);
        }
        return next;
    }

    private void tell(
            OpenIncident incident,
            BlockingChain chain,
            Look look,
            Map<Integer, List<OpenWait>> waiting,
            Episodes out) {
        String key = incident.key();
        long total = incident.leftMicros() + present(key, look.atMicros());
        BlockingIncident row = BlockerRows.open(incident, chain, look, total, waiting);
        state.incidents.put(key, incident.told(row));
        told.put(key, victims.getOrDefault(key, Set.of()));
        pace.took(row.victims().size());
        out.incident(row);
    }

    /** Nobody may take it for one that was lost. */
    private void goOnHidden(OpenIncident incident, long now, Episodes out) {
        if (!mustBeTold(incident, now)) {
            return;
        }
        BlockingIncident row =
                BlockerRows.again(
                        incident,
                        now,
                        longest(incident.key(), now),
                        incident.leftMicros() + present(incident.key(), now));
        state.incidents.put(incident.key(), incident.told(row));
        pace.took(row.victims().size());
        out.incident(row);
    }

    /** The longest time that one of its members has waited who waits now. */
    private long longest(String incident, long now) {
        long longest = 0;
        for (String key : members.getOrDefault(incident, Set.of())) {
            OpenWait wait = state.waits.get(key);
            if (wait != null && wait.lasts()) {
                longest = Math.max(longest, now - wait.row().waitStartMicros());
            }
        }
        return longest;
    }

    private static boolean mustBeTold(OpenIncident incident, long now) {
        long told = incident.row().observedAtMicros();
        return told == 0 || now >= told + LONGEST_SILENCE;
    }

    /** Whether its last row, of a second ago or more, shows something else. */
    private boolean hasChanged(OpenIncident incident, BlockingChain chain, long now) {
        BlockingIncident row = incident.row();
        if (now < row.observedAtMicros() + SECOND) {
            return false;
        }
        return incident.roots() != row.roots()
                || chain.depth() != row.depth()
                || !victims.getOrDefault(incident.key(), Set.of()).equals(told.get(incident.key()));
    }

    /** The time that those who are members now, or were a moment ago, have waited in it. */
    private long present(String incident, long now) {
        long sum = 0;
        for (String key : members.getOrDefault(incident, Set.of())) {
            OpenWait wait = state.waits.get(key);
            if (wait != null) {
                long until = wait.lasts() ? now : wait.endMicros();
                for (OpenWait.Membership membership : wait.memberships()) {
                    if (membership.incident().equals(incident)) {
                        sum += Math.max(0, until - membership.sinceMicros());
                    }
                }
            }
        }
        return sum;
    }

    private static boolean isUnseen(OpenIncident incident, Look look) {
        Blocker root = incident.row().root();
        if (root.pid() == 0 || root.backendStartMicros() == 0) {
            return false;
        }
        SessionRow session = look.session(root.pid());
        return session == null
                || session.backendStartMicros() != 0
                        && session.backendStartMicros() != root.backendStartMicros();
    }

    /** Takes in waits whose end is settled, and closes incidents of which nothing is open. */
    void settle(List<OpenWait> settled, Episodes out) {
        for (OpenWait wait : settled) {
            for (OpenWait.Membership membership : wait.memberships()) {
                Set<String> keys = members.get(membership.incident());
                if (keys != null) {
                    keys.remove(wait.key());
                    if (keys.isEmpty()) {
                        members.remove(membership.incident());
                    }
                }
                OpenIncident open = state.incidents.get(membership.incident());
                if (open != null) {
                    state.incidents.put(
                            open.key(),
                            open.left(wait.row().waitEndMicros() - membership.sinceMicros())
                                    .victimEnded(wait.row()));
                }
            }
        }
        for (OpenIncident incident : List.copyOf(state.incidents.values())) {
            if (!incident.lasts() && !members.containsKey(incident.key()) && rootKnown(incident)) {
                long closed =
                        incident.lastEndMicros() == 0
                                ? incident.endMicros()
                                : incident.lastEndMicros();
                state.incidents.remove(incident.key());
                victims.remove(incident.key());
                told.remove(incident.key());
                out.incident(
                        BlockerRows.closed(
                                incident,
                                Math.max(closed, incident.row().openedAtMicros()),
                                Math.max(state.time().newestMicros(), closed),
                                resolution(incident)));
            }
        }
    }

    private boolean rootKnown(OpenIncident incident) {
        return !hasLetGo(incident)
                || rootEnding(incident) != null
                || evidence.settled(incident.endMicros());
    }

    /** Whether its last victims got what they waited for. */
    private static boolean hasLetGo(OpenIncident incident) {
        return incident.releasedMicros() > 0
                && (incident.lastResolution().equals(WaitTracker.COMPLETED)
                        || incident.releasedMicros() >= incident.lastSeenMicros());
    }

    private @Nullable LogEnding rootEnding(OpenIncident incident) {
        Blocker root = incident.row().root();
        if (root.pid() == 0) {
            return null;
        }
        LogEnding ending =
                evidence.ending(
                        root.pid(),
                        root.backendStartMicros(),
                        Math.max(
                                incident.row().openedAtMicros(),
                                incident.releasedMicros() - SECOND));
        return ending == null || ending.atMicros() > incident.endMicros() + SECOND ? null : ending;
    }

    private String resolution(OpenIncident incident) {
        if (!hasLetGo(incident)) {
            return incident.lastResolution();
        }
        LogEnding ending = rootEnding(incident);
        if (ending != null) {
            return ending.resolution();
        }
        boolean silent = evidence.wasSilent(incident.endMicros());
        // A session that is gone was ended, or went with its work done.
        return incident.rootUnseen() && !silent ? "" : WaitTracker.COMPLETED;
    }

    boolean hasEnded() {
        return state.incidents.values().stream().anyMatch(incident -> !incident.lasts());
    }

    /** Whether the root of one that ended and is not closed is a process. */
    boolean hasEnded(int root) {
        return state.incidents.values().stream()
                .anyMatch(each -> !each.lasts() && each.row().root().pid() == root);
    }

    /** Ends everything, for nobody looks any more. */
    void forget() {
        for (OpenIncident incident : List.copyOf(state.incidents.values())) {
            if (incident.lasts()) {
                long seen = Math.max(state.time().lookMicros(), incident.row().openedAtMicros());
                state.incidents.put(incident.key(), incident.ended(seen, seen, true));
            }
        }
    }

    static Comparator<Victim> order() {
        return Comparator.comparingInt(Victim::depth)
                .thenComparingLong(Victim::waitStartMicros)
                .thenComparingInt(Victim::pid);
    }
}
