package io.onevault.jobs.config.reachability;

import io.onevault.connectors.polling.Poll;
import io.onevault.connectors.polling.PollTarget;
import io.onevault.connectors.probe.ChangeCaptureProbe;
import io.onevault.connectors.probe.LockAccessProbe;
import io.onevault.connectors.probe.Server;
import io.onevault.connectors.probe.ServerFinding;
import io.onevault.connectors.probe.TargetProbe;
import io.onevault.connectors.probe.VaultProbe;
import io.onevault.jobs.config.Capability;
import io.onevault.jobs.config.ConfigProblem;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.config.OneVaultConfig.Changes;
import io.onevault.jobs.config.OneVaultConfig.Target;
import io.onevault.jobs.config.OneVaultConfig.TargetKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the vault and every target at once whether they will serve, and lists everything that
 * prevents it. Reads only, and takes no lock on user tables.
 */
public final class Reachability {

    /** However many servers there are and whatever they do, an answer comes within this. */
    public static final Duration LIMIT = Duration.ofSeconds(30);

    /** Servers asked at the same time; more wait their turn. */
    private static final int AT_ONCE = 32;

    private final String file;

    /**
     * @param file the configuration as the user named it, for messages
     */
    public Reachability(String file) {
        this.file = file;
    }

    /** Everything found, the vault first, targets in the order of the file. */
    public List<Finding> check(OneVaultConfig config) {
        List<Question> questions = new ArrayList<>();
        OneVaultConfig.Vault vault = config.vault();
        Server vaultServer = new Server(vault.url(), vault.user(), vault.password());
        Set<String> migrations = VaultMigrations.versions();
        questions.add(
                new Question(
                        "vault", vaultServer, () -> VaultProbe.vault(vaultServer, migrations)));
        if (vault.rules() != null) {
            questions.add(capture("vault.rules", vault.url(), vault.rules()));
        }
        List<Poll> polls = polls(config);
        for (int i = 0; i < config.targets().size(); i++) {
            Target target = config.targets().get(i);
            Server server = new Server(target.url(), target.user(), target.password());
            questions.add(
                    new Question(
                            "targets[" + i + "]",
                            server,
                            target.kind() == TargetKind.PGBOUNCER
                                    ? () -> TargetProbe.pgBouncer(server)
                                    : () -> TargetProbe.postgres(server, polls)));
            if (target.kind() == TargetKind.POSTGRES
                    && config.job().capabilities().contains(Capability.LOCKS)) {
                questions.add(locks("targets[" + i + "]", target, config.locks().log()));
            }
            if (target.changes() != null) {
                questions.add(
                        capture("targets[" + i + "].changes", target.url(), target.changes()));
            }
        }
        return atOnce(questions);
    }

    private static Question locks(String key, Target target, boolean log) {
        Server server = new Server(target.url(), target.user(), target.password());
        return new Question(key, server, () -> LockAccessProbe.check(server, log));
    }

    private static Question capture(String key, String url, Changes changes) {
        Server server = new Server(url, changes.user(), changes.password());
        return new Question(key, server, () -> ChangeCaptureProbe.check(server, changes.capture()));
    }

    /** What a server is asked, and the group of the configuration that describes it. */
    private record Question(String key, Server server, Callable<List<ServerFinding>> probe) {}

    private static List<Poll> polls(OneVaultConfig config) {
        return config.polling().catalogue().polls().stream()
                .filter(poll -> poll.source() == PollTarget.Kind.POSTGRES)
                .filter(poll -> !config.polling().disabled().contains(poll.name()))
                .toList();
    }

    private List<Finding> atOnce(List<Question> questions) {
        ExecutorService threads =
                Executors.newFixedThreadPool(
                        Math.min(AT_ONCE, questions.size()), Reachability::daemon);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        List<Future<List<ServerFinding>>> answers =
                questions.stream().map(question -> threads.submit(question.probe())).toList();
        List<Finding> findings = new ArrayList<>();
        List<ServerFinding> before = List.of();
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            List<ServerFinding> here = await(question.server(), answers.get(i), deadline);
            for (ServerFinding found : here) {
                // A server that cannot be reached is asked twice, as target and for its changes.
                if (!before.contains(found)) {
                    findings.add(finding(question.key(), found));
                }
            }
            before = here;
        }
        threads.shutdownNow();
        return findings;
    }

    private Finding finding(String key, ServerFinding found) {
        return new Finding(
                new ConfigProblem(
                        file,
                        0,
                        key + '.' + found.setting(),
                        found.value(),
                        found.what(),
                        found.remedy()),
                found.fatal());
    }

    /** A name service that hangs cannot be interrupted and must not keep the process alive. */
    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "onevault-validate");
        thread.setDaemon(true);
        return thread;
    }

    private static List<ServerFinding> await(
            Server server, Future<List<ServerFinding>> answer, long deadline) {
        try {
            return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return List.of(server.silent());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of(server.silent());
        } catch (ExecutionException e) {
            throw new IllegalStateException("checking " + server.address() + " failed", e);
        }
    }
}
