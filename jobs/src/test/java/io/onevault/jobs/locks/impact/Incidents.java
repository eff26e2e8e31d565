package io.onevault.jobs.locks.impact;

import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/** Builds incidents: one client's session blocks one other for 40 s, at 12:00 UTC. */
public final class Incidents {

    public static final long NOON =
            Instant.parse("2026-03-04T12:00:00Z").getEpochSecond() * 1_000_000L;
    public static final long SECOND = 1_000_000L;

    private String target = "shop";
    private String key = "shop/7/1/1";
    private int pid = 7;
    private String gid = "";
    private long backendStart = NOON - 3_600 * SECOND;
    private long xactStart = NOON - 60 * SECOND;
    private String type = "client backend";
    private String state = "active";
    private String user = "app_acme";
    private boolean superuser;
    private String application = "shop";
    private String query = "UPDATE orders SET total = ?";
    private boolean visible = true;
    private boolean open = true;
    private long now = NOON;
    private long wait = 40 * SECOND;
    private long rootSince;
    private long stateChange;
    private List<String> relations = List.of("public.orders");
    private List<String> modes = List.of("ShareLock");
    private List<Victim> victims = List.of();
    private boolean cyclic;
    private double impact = 90;

    public static Incidents plain() {
        return new Incidents();
    }

    public static BlockingIncident incident(UnaryOperator<Incidents> change) {
        return change.apply(new Incidents()).build();
    }

    public static Victim victim(
            int pid, int blockedBy, int depth, String type, String mode, String user) {
        return victim(pid, blockedBy, depth, type, mode, user, NOON - 40 * SECOND);
    }

    public static Victim victim(
            int pid,
            int blockedBy,
            int depth,
            String type,
            String mode,
            String user,
            long waitStart) {
        return new Victim(
                pid,
                NOON - 1_000 * SECOND,
                blockedBy,
                true,
                depth,
                user,
                "shop",
                "shop",
                type,
                mode,
                "public.orders",
                waitStart,
                "UPDATE orders SET total = ?");
    }

    public Incidents key(String value) {
        key = value;
        return this;
    }

    public Incidents target(String value) {
        target = value;
        return this;
    }

    public Incidents root(int value, long start, long xact) {
        pid = value;
        backendStart = start;
        xactStart = xact;
        return this;
    }

    public Incidents prepared(String value) {
        gid = value;
        pid = 0;
        state = "prepared";
        return this;
    }

    public Incidents type(String value) {
        type = value;
        return this;
    }

    public Incidents state(String value) {
        state = value;
        return this;
    }

    public Incidents user(String value) {
        user = value;
        return this;
    }

    public Incidents superuser() {
        superuser = true;
        return this;
    }

    public Incidents application(String value) {
        application = value;
        return this;
    }

    public Incidents query(String value) {
        query = value;
        return this;
    }

    public Incidents hidden() {
        visible = false;
        return this;
    }

    public Incidents closed() {
        open = false;
        return this;
    }

    public Incidents at(long micros) {
        now = micros;
        return this;
    }

    public Incidents waited(long micros) {
        wait = micros;
        return this;
    }

    /** When the root was first seen to block; else as long as the longest wait. */
    public Incidents rootSince(long micros) {
        rootSince = micros;
        return this;
    }

    /** When the root's state began; else with its transaction. */
    public Incidents stateChange(long micros) {
        stateChange = micros;
        return this;
    }

    public Incidents relations(String... values) {
        relations = List.of(values);
        return this;
    }

    public Incidents modes(String... values) {
        modes = List.of(values);
        return this;
    }

    public Incidents victims(Victim... values) {
        victims = List.of(values);
        return this;
    }

    public Incidents cyclic() {
        cyclic = true;
        return this;
    }

    public Incidents impact(double value) {
        impact = value;
        return this;
    }

    /** Unless told who they are, one waits for the root, as long as the longest wait. */
    private List<Victim> present() {
        return victims.isEmpty()
                ? List.of(victim(8, pid, 1, "transactionid", "ShareLock", "app_acme", now - wait))
                : victims;
    }

    public BlockingIncident build() {
        return new BlockingIncident(
                key,
                target,
                "",
                List.of(),
                new Blocker(
                        pid,
                        gid,
                        backendStart,
                        type,
                        state,
                        stateChange == 0 ? xactStart : stateChange,
                        xactStart,
                        user,
                        superuser,
                        application,
                        "local",
                        "shop",
                        query,
                        "",
                        visible),
                1,
                rootSince == 0 ? now - wait : rootSince,
                open ? "OPEN" : "CLOSED",
                open ? "" : "COMPLETED",
                now - wait,
                open ? 0 : now,
                now,
                relations,
                modes,
                1,
                present().size(),
                present(),
                wait,
                1,
                present().size(),
                wait,
                cyclic,
                impact,
                "",
                "");
    }
}
