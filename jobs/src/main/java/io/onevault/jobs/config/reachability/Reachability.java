package io.onevault.jobs.config.reachability;

import io.onevault.connectors.polling.Poll;
import io.onevault.connectors.polling.PollTarget;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.config.OneVaultConfig.Target;
import io.onevault.jobs.config.OneVaultConfig.TargetKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        Map<Server, Runnable> checks = new LinkedHashMap<>();
        OneVaultConfig.Vault vault = config.vault();
        Server vaultServer = new Server(file, "vault", vault.url(), vault.user(), vault.password());
        int vaultVersion = VaultVersion.newest();
        checks.put(vaultServer, () -> VaultCheck.vault(vaultServer, vaultVersion));
        List<Poll> polls = polls(config);
        for (int i = 0; i < config.targets().size(); i++) {
            Target target = config.targets().get(i);
            Server server =
                    new Server(
                            file,
                            "targets[" + i + "]",
                            target.url(),
                            target.user(),
                            target.password());
            checks.put(
                    server,
                    target.kind() == TargetKind.PGBOUNCER
                            ? () -> TargetCheck.pgBouncer(server)
                            : () -> TargetCheck.postgres(server, polls));
        }
        return atOnce(checks);
    }

    private static List<Poll> polls(OneVaultConfig config) {
        return config.polling().catalogue().polls().stream()
                .filter(poll -> poll.source() == PollTarget.Kind.POSTGRES)
                .filter(poll -> !config.polling().disabled().contains(poll.name()))
                .toList();
    }

    private static List<Finding> atOnce(Map<Server, Runnable> checks) {
        ExecutorService threads =
                Executors.newFixedThreadPool(
                        Math.min(AT_ONCE, checks.size()), Reachability::daemon);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        Map<Server, Future<?>> running = new LinkedHashMap<>();
        checks.forEach((server, check) -> running.put(server, threads.submit(check)));
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<Server, Future<?>> entry : running.entrySet()) {
            findings.addAll(await(entry.getKey(), entry.getValue(), deadline));
        }
        threads.shutdownNow();
        return findings;
    }

    /** A name service that hangs cannot be interrupted and must not keep the process alive. */
    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "onevault-validate");
        thread.setDaemon(true);
        return thread;
    }

    private static List<Finding> await(Server server, Future<?> check, long deadline) {
        try {
            check.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            return server.findings();
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
