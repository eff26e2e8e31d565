package io.onevault.jobs.locks.graph;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Sessions that run into each other at random, one step after the other, until few can go on. */
final class Scenario {

    private static final int STEPS = 26;

    private enum Act {
        TABLE,
        ROW,
        CHANGE,
        UNIQUE,
        ADVISORY,
        OBJECT,
        JUMP,
        PARALLEL,
        PREPARE,
        INDEX,
        SPECULATIVE
    }

    private static final List<String> STRENGTHS =
            List.of("UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE");

    private final Stage stage;
    private final Random random;
    private final int[] weights = new int[Act.values().length];
    private final int strongest;
    private int prepared;
    private boolean indexing;
    private boolean speculating;

    Scenario(Stage stage, long seed) {
        this.stage = stage;
        random = new Random(seed);
        // Some kinds of acts dominate, others do not happen, so that scenarios differ.
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextInt(3) == 0 ? 1 + random.nextInt(6) : random.nextInt(2);
        }
        weights[Act.TABLE.ordinal()] += 1;
        weights[random.nextInt(3)] += 2;
        strongest = 3 + random.nextInt(6);
    }

    void play() throws SQLException {
        for (int step = 0; step < STEPS; step++) {
            List<Stage.Actor> able =
                    stage.actors().stream().filter(a -> a.isIdle() && !a.hasFailed()).toList();
            if (able.size() < 2) {
                return;
            }
            Stage.Actor actor = able.get(random.nextInt(able.size()));
            act(actor, pick());
        }
    }

    private Act pick() {
        int total = 0;
        for (int weight : weights) {
            total += weight;
        }
        int at = random.nextInt(total);
        for (Act act : Act.values()) {
            at -= weights[act.ordinal()];
            if (at < 0) {
                return act;
            }
        }
        return Act.TABLE;
    }

    private void act(Stage.Actor actor, Act act) throws SQLException {
        if (act == Act.INDEX) {
            // Outside of a transaction, and one at a time: two would wait for each other for ever.
            if (!actor.isInTransaction() && !indexing) {
                indexing = true;
                stage.act(actor, "CREATE INDEX CONCURRENTLY ON " + table() + " (id)");
            }
            return;
        }
        if (!actor.isInTransaction()) {
            stage.act(actor, "BEGIN");
        }
        switch (act) {
            case TABLE -> stage.act(actor, lockTable());
            case ROW ->
                    stage.act(
                            actor,
                            "SELECT * FROM r WHERE id = "
                                    + row()
                                    + " FOR "
                                    + STRENGTHS.get(random.nextInt(STRENGTHS.size())));
            case CHANGE -> stage.act(actor, change());
            case UNIQUE ->
                    stage.act(
                            actor,
                            "INSERT INTO u VALUES ("
                                    + row()
                                    + (random.nextBoolean() ? ") ON CONFLICT DO NOTHING" : ")"));
            case ADVISORY -> stage.act(actor, advisory());
            case OBJECT ->
                    stage.act(
                            actor,
                            "COMMENT ON SCHEMA object" + random.nextInt(2) + " IS 'scenario'");
            case JUMP -> jump(actor);
            case PARALLEL -> stage.act(actor, parallel());
            case PREPARE -> {
                stage.act(actor, random.nextBoolean() ? lockTable() : change());
                if (actor.isIdle() && !actor.hasFailed()) {
                    stage.act(actor, "PREPARE TRANSACTION 'p" + prepared++ + "'");
                }
            }
            case SPECULATIVE -> speculate(actor);
            case INDEX -> throw new IllegalStateException("done above");
        }
    }

    private String table() {
        // Often the same, so that who holds one mode asks for another.
        return "t" + Math.max(0, random.nextInt(2 * Stage.TABLES) - Stage.TABLES);
    }

    private int row() {
        return 1 + random.nextInt(Stage.ROWS);
    }

    private String lockTable() {
        String mode = LockConflicts.name(1 + random.nextInt(strongest));
        String words = mode.replaceAll("Lock$", "").replaceAll("(?<=[a-z])(?=[A-Z])", " ");
        return "LOCK TABLE " + table() + " IN " + words.toUpperCase(Locale.ROOT) + " MODE";
    }

    /** Who holds what a waiter is excluded by goes before it. */
    private void jump(Stage.Actor actor) throws SQLException {
        String table = table();
        List<Stage.Actor> others =
                stage.actors().stream()
                        .filter(a -> a != actor && a.isIdle() && !a.isInTransaction())
                        .limit(2)
                        .toList();
        stage.act(actor, "LOCK TABLE " + table + " IN ACCESS SHARE MODE");
        if (others.size() == 2 && actor.isIdle()) {
            stage.act(others.get(0), "BEGIN; LOCK TABLE " + table + " IN SHARE MODE");
            stage.act(others.get(1), "BEGIN; LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
            stage.act(actor, "LOCK TABLE " + table + " IN ROW EXCLUSIVE MODE");
        }
    }

    private String change() {
        return switch (random.nextInt(3)) {
            case 0 -> "UPDATE r SET n = n + 1 WHERE id = " + row();
            case 1 -> "UPDATE r SET name = name || 'x' WHERE id = " + row();
            default -> "DELETE FROM r WHERE id = " + row();
        };
    }

    private String advisory() {
        String keys = random.nextBoolean() ? "" + random.nextInt(3) : "0, " + random.nextInt(3);
        return "SELECT pg_advisory_"
                + (random.nextBoolean() ? "xact_" : "")
                + "lock"
                + (random.nextBoolean() ? "_shared" : "")
                + "("
                + keys
                + ")";
    }

    /** Every worker asks for the lock, the leader may. */
    private String parallel() {
        return "SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL"
                + " parallel_leader_participation = "
                + (random.nextBoolean() ? "on" : "off")
                + "; SELECT count("
                + (random.nextBoolean() ? "shared" : "exclusive")
                + "("
                + random.nextInt(3)
                + ", x)) FROM big";
    }

    /** One stops within its insertion; whoever comes later waits for its speculative token. */
    private void speculate(Stage.Actor actor) throws SQLException {
        if (!speculating) {
            speculating = true;
            stage.act(actor, "SELECT pg_advisory_lock(99)");
        } else {
            stage.act(
                    actor,
                    "INSERT INTO spec VALUES ('s"
                            + random.nextInt(2)
                            + "') ON CONFLICT (key) DO NOTHING");
        }
    }
}
