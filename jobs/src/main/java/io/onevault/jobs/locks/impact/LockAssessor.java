package io.onevault.jobs.locks.impact;

import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.DeadlockMember;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.locks.incident.Victim;
import java.io.Serializable;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Says of waits, incidents and deadlocks how bad they are, which known maintenance they come from,
 * whose they are and what to do; depends on nothing but the record and the settings.
 */
public final class LockAssessor implements Serializable {

    private static final long serialVersionUID = 1L;
    private static final double WORST = 100;
    private static final double MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);

    private final AssessmentSettings settings;

    public LockAssessor(AssessmentSettings settings) {
        this.settings = settings;
    }

    /** With impact, maintenance and tenant. */
    public LockWait assess(LockWait wait) {
        boolean lasts = wait.waitEndMicros() == 0;
        long end = lasts ? wait.observedAtMicros() : wait.waitEndMicros();
        SortedSet<String> tenants = new TreeSet<>();
        TenantPatterns patterns = patterns(wait.target());
        addRole(patterns, wait.user(), tenants);
        addSchema(patterns, wait.relation(), tenants);
        return new LockWait(
                wait.key(),
                wait.target(),
                onlyOne(tenants),
                wait.database(),
                wait.pid(),
                wait.backendStartMicros(),
                wait.user(),
                wait.application(),
                wait.lockType(),
                wait.lockMode(),
                wait.relation(),
                wait.blockingPids(),
                wait.waitStartMicros(),
                wait.waitEndMicros(),
                wait.observedAtMicros(),
                wait.query(),
                wait.fingerprint(),
                wait.deadlock(),
                wait.resolution(),
                impact(
                        end - wait.waitStartMicros(),
                        lasts,
                        List.of(wait.relation()),
                        List.of(wait.lockMode()),
                        wait.observedAtMicros(),
                        isAdmin(wait.user())),
                Maintenance.kind("", wait.application(), wait.query()),
                wait.incident());
    }

    /**
     * With impact, maintenance, tenants and advice; no single tenant's when a victim may be
     * anybody's.
     *
     * @param before tenants of the incident so far: one that its present row no longer shows is
     *     concerned still
     */
    public BlockingIncident assess(BlockingIncident incident, Collection<String> before) {
        Blocker root = incident.root();
        SortedSet<String> tenants = new TreeSet<>(before);
        boolean anybodys = false;
        TenantPatterns patterns = patterns(incident.target());
        addRole(patterns, root.user(), tenants);
        incident.relations().forEach(relation -> addSchema(patterns, relation, tenants));
        for (Victim victim : incident.victims()) {
            addRole(patterns, victim.user(), tenants);
            addSchema(patterns, victim.relation(), tenants);
            anybodys |= anybodys(patterns, victim.user(), victim.relation());
        }
        String kind = Maintenance.kind(root.backendType(), root.application(), root.query());
        return new BlockingIncident(
                incident.key(),
                incident.target(),
                anybodys ? "" : onlyOne(tenants),
                List.copyOf(tenants),
                root,
                incident.roots(),
                incident.rootSinceMicros(),
                incident.status(),
                incident.resolution(),
                incident.openedAtMicros(),
                incident.closedAtMicros(),
                incident.observedAtMicros(),
                incident.relations(),
                incident.lockModes(),
                incident.depth(),
                incident.victimCount(),
                incident.victims(),
                incident.longestWaitMicros(),
                incident.peakDepth(),
                incident.peakVictims(),
                incident.totalVictimMicros(),
                incident.cyclic(),
                impact(
                        incident.longestWaitMicros(),
                        incident.open(),
                        incident.relations(),
                        incident.lockModes(),
                        incident.observedAtMicros(),
                        root.superuser() || isAdmin(root.user())),
                kind,
                incident.open() ? Advice.on(incident, kind) : "");
    }

    /** With tenants; it is no single one's when a member may be anybody's. */
    public DeadlockEvent assess(DeadlockEvent event) {
        SortedSet<String> tenants = new TreeSet<>();
        boolean anybodys = false;
        TenantPatterns patterns = patterns(event.target());
        for (DeadlockMember member : event.members()) {
            addRole(patterns, member.user(), tenants);
            addSchema(patterns, member.relation(), tenants);
            anybodys |= anybodys(patterns, member.user(), member.relation());
        }
        return new DeadlockEvent(
                event.key(),
                event.target(),
                anybodys ? "" : onlyOne(tenants),
                List.copyOf(tenants),
                event.database(),
                event.outcome(),
                event.resolution(),
                event.source(),
                event.deadlockAtMicros(),
                event.detectedAtMicros(),
                event.reportedAtMicros(),
                event.endedAtMicros(),
                event.observedAtMicros(),
                event.count(),
                event.members(),
                event.victimPid());
    }

    private double impact(
            long micros,
            boolean waiting,
            List<String> relations,
            List<String> modes,
            long at,
            boolean admin) {
        ImpactWeights weights = settings.weights();
        double score = weights.perSecond() * Math.max(0, micros) / MICROS_PER_SECOND;
        score += waiting ? weights.waiting() : 0;
        score +=
                relations.stream().anyMatch(this::isCritical)
                        ? weights.criticalTable()
                        : weights.otherTable();
        score += modes.stream().anyMatch(LockAssessor::isExclusive) ? weights.exclusive() : 0;
        score += settings.businessHours().contains(at) ? weights.businessHours() : 0;
        score += admin ? weights.adminUser() : 0;
        return Math.min(WORST, Math.max(0, score));
    }

    private boolean isCritical(String relation) {
        RelationName name = RelationName.of(relation);
        return settings.criticalTables().stream()
                .anyMatch(listed -> name.is(RelationName.of(listed)));
    }

    private static boolean isExclusive(String mode) {
        return mode.equals("ExclusiveLock") || mode.equals("AccessExclusiveLock");
    }

    private boolean isAdmin(String user) {
        return settings.adminUsers().contains(user);
    }

    private TenantPatterns patterns(String target) {
        return settings.tenants().getOrDefault(target, TenantPatterns.NONE);
    }

    private static void addRole(TenantPatterns patterns, String role, SortedSet<String> into) {
        patterns.ofRole(role).ifPresent(into::add);
    }

    private static void addSchema(
            TenantPatterns patterns, String relation, SortedSet<String> into) {
        patterns.ofSchema(RelationName.of(relation).schema()).ifPresent(into::add);
    }

    /** Whether what is not known of a session could name a tenant, while what is known does not. */
    private static boolean anybodys(TenantPatterns patterns, String user, String relation) {
        return (user.isEmpty() || relation.isEmpty())
                && patterns.ofRole(user).isEmpty()
                && patterns.ofSchema(RelationName.of(relation).schema()).isEmpty();
    }

    private static String onlyOne(SortedSet<String> tenants) {
        return tenants.size() == 1 ? tenants.first() : "";
    }
}
