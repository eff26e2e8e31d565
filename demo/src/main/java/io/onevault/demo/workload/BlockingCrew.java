package io.onevault.demo.workload;

import io.onevault.demo.workload.Ledger.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Arranges blocking that ends by itself: chains of row locks two to four levels deep, many waiters
 * on one row, an ALTER TABLE behind a reader with other readers queued behind it, and advisory
 * locks. The root keeps its lock for one to three seconds, idle in transaction or running, and only
 * after everybody else is seen waiting.
 */
final class BlockingCrew extends Crew {

    private enum Scene {
        CHAIN_OF_2,
        SCHEMA_CHANGE,
        ADVISORY,
        CHAIN_OF_3,
        HOT_ROW,
        CHAIN_OF_4
    }

    private static final int PLAYERS = 5;
    private static final Duration PROBE = Duration.ofMillis(25);
    private static final int MOST_PROBES = 80;

    private final StopSignal stop;

    BlockingCrew(Settings settings, Ledger ledger, StopSignal stop, ExecutorService threads) {
        super(
                "batch",
                settings.blockingPerMinute(),
                List.of(
                        Tenant.ALL.get(0).role(),
                        Tenant.ALL.get(1).role(),
                        Tenant.ALL.get(2).role(),
                        Tenant.ALL.get(3).role(),
                        WorkloadSchema.SERVICE_DESK_ROLE,
                        // Not a player: alters tables, and looks whether the others are waiting.
                        WorkloadSchema.MIGRATIONS_ROLE),
                settings,
                ledger,
                stop,
                threads);
        this.stop = stop;
    }

    @Override
    void round(long number, SplittableRandom random) {
        Scene[] scenes = Scene.values();
        // The first rounds show every scene once, whatever the seed.
        Scene scene = scenes[number < scenes.length ? (int) number : random.nextInt(scenes.length)];
        List<Session> players = new ArrayList<>(members().subList(0, PLAYERS));
        Collections.shuffle(players, new Random(random.nextLong()));
        Duration hold = Client.between(random, 1000, 3000);
        boolean idle = random.nextBoolean();
        boolean impatient = random.nextInt(4) == 0;
        switch (scene) {
            case CHAIN_OF_2 -> chain(players, 2, hold, idle);
            case CHAIN_OF_3 -> chain(players, 3, hold, idle);
            case CHAIN_OF_4 -> chain(players, 4, hold, idle);
            case HOT_ROW -> hotRow(players, hold, idle);
            case ADVISORY -> advisory(players, 1000 + random.nextInt(50), hold, idle);
            case SCHEMA_CHANGE -> schemaChange(players, hold, impatient);
        }
    }

    /** Everybody holds a row and waits for the row of the one before. */
    private void chain(List<Session> players, int depth, Duration hold, boolean idle) {
        List<Session> links = players.subList(0, depth + 1);
        if (!together(links, (session, i) -> lockAsset(session, i))) {
            return;
        }
        List<Session> waiters = links.subList(1, links.size());
        List<Future<Boolean>> waits = new ArrayList<>();
        for (int i = 0; i < waiters.size(); i++) {
            waits.add(start(waiters.get(i), i, (s, row) -> lockAsset(s, row) && s.commit()));
        }
        if (holdUntilSeen(links.get(0), waiters.size(), hold, idle)) {
            links.get(0).ledger().chain(depth);
        }
        finish(waits);
    }

    /** Everybody waits for the same row. */
    private void hotRow(List<Session> players, Duration hold, boolean idle) {
        Session root = players.get(0);
        if (!updateIncident(root)) {
            return;
        }
        List<Future<Boolean>> waits = new ArrayList<>();
        for (Session waiter : players.subList(1, PLAYERS)) {
            waits.add(start(waiter, 0, (s, i) -> updateIncident(s) && s.commit()));
        }
        holdUntilSeen(root, waits.size(), hold, idle);
        finish(waits);
    }

    private void advisory(List<Session> players, long key, Duration hold, boolean idle) {
        Session root = players.get(0);
        if (!lockAdvisory(root, key)) {
            return;
        }
        List<Future<Boolean>> waits = new ArrayList<>();
        for (Session waiter : players.subList(1, 3)) {
            waits.add(start(waiter, 0, (s, i) -> lockAdvisory(s, key) && s.commit()));
        }
        if (holdUntilSeen(root, waits.size(), hold, idle)) {
            root.ledger().count(Event.ADVISORY_WAIT, waits.size());
        }
        finish(waits);
    }

    /** A forgotten reader blocks the ALTER TABLE, which blocks the readers that come after it. */
    private void schemaChange(List<Session> players, Duration hold, boolean impatient) {
        Session root = players.get(0);
        Session migration = members().get(PLAYERS);
        if (!readArticles(root)) {
            return;
        }
        List<Future<Boolean>> waits = new ArrayList<>();
        waits.add(start(migration, 0, (s, i) -> alterArticles(s, impatient) && s.commit()));
        // The observer is busy waiting itself, so a player who comes later has to look.
        Session observer = players.get(3);
        if (seeWaiting(observer, 1)) {
            root.ledger().count(Event.SCHEMA_CHANGE_WAIT);
            for (Session reader : players.subList(1, 3)) {
                waits.add(start(reader, 0, (s, i) -> readArticles(s) && s.commit()));
            }
            if (seeWaiting(observer, waits.size())) {
                countEpisode(root, waits.size());
                stop.pause(hold);
            }
        }
        root.commit();
        finish(waits);
    }

    /** Keeps the root's lock; returns whether all waiters were seen before it was let go. */
    private boolean holdUntilSeen(Session root, int waiters, Duration hold, boolean idle) {
        boolean seen = seeWaiting(members().get(PLAYERS), waiters);
        if (seen) {
            countEpisode(root, waiters);
            if (idle) {
                stop.pause(hold);
            } else {
                root.run(s -> s.execute("SELECT pg_sleep(?)", hold.toMillis() / 1000.0));
            }
        }
        root.commit();
        return seen;
    }

    private static void countEpisode(Session root, int waiters) {
        root.ledger().count(Event.BLOCKING_EPISODE);
        root.ledger().count(Event.LOCK_WAIT, waiters);
    }

    /** Whether {@code waiters} of this crew wait for a lock, asked until they do or give up. */
    private boolean seeWaiting(Session observer, int waiters) {
        for (int probe = 0; probe < MOST_PROBES && !stop.raised(); probe++) {
            long[] waiting = new long[1];
            observer.transact(
                    s -> {
                        Long count =
                                s.value(
                                        Long.class,
                                        """
                                        SELECT count(DISTINCT l.pid)
                                        FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                                        WHERE NOT l.granted AND a.application_name LIKE ?
                                        """,
                                        name() + "-%");
                        waiting[0] = count == null ? 0 : count;
                    });
            if (waiting[0] >= waiters) {
                return true;
            }
            stop.pause(PROBE);
        }
        return false;
    }

    private static boolean lockAsset(Session session, int row) {
        return session.run(
                s ->
                        s.execute(
                                """
                                SELECT asset_value FROM business.asset_details_s
                                WHERE asset_hk = ? AND load_end_date IS NULL FOR UPDATE
                                """,
                                Tenant.ALL.get(0).assetKey(row)));
    }

    private static boolean updateIncident(Session session) {
        return session.run(
                s ->
                        s.execute(
                                "UPDATE servicedesk.incidents SET updated_at = clock_timestamp()"
                                        + " WHERE id = ?",
                                (long) ServiceDeskClient.RESERVED));
    }

    private static boolean lockAdvisory(Session session, long key) {
        return session.run(s -> s.execute("SELECT pg_advisory_xact_lock(?)", key));
    }

    private static boolean readArticles(Session session) {
        return session.run(
                s -> s.execute("SELECT count(*) FROM servicedesk.articles WHERE status = 'DRAFT'"));
    }

    private static boolean alterArticles(Session session, boolean impatient) {
        return session.run(
                s -> {
                    if (impatient) {
                        s.execute("SET LOCAL lock_timeout = '800ms'");
                    }
                    s.execute(
                            "ALTER TABLE servicedesk.articles ALTER COLUMN status SET DEFAULT"
                                    + " 'DRAFT'");
                });
    }
}
