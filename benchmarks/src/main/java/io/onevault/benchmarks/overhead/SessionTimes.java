package io.onevault.benchmarks.overhead;

import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The processor time of a server's sessions, as Linux counts it for each of its processes. A
 * session that ends counts with what it had used when it was last looked at.
 */
final class SessionTimes {

    private static final Path PROC = Path.of("/proc");
    private static final String SESSION = "postgres: ";

    private final ProcessHandle postmaster;
    private final Map<Long, Spent> byProcess = new HashMap<>();

    /** What one session has used, and the name of its user. */
    private record Spent(String user, long nanos) {}

    /**
     * @param postmaster see {@link #postmaster}
     */
    SessionTimes(ProcessHandle postmaster) {
        this.postmaster = postmaster;
    }

    /** Whether this system counts so. */
    static boolean arePossible() {
        return Files.isReadable(PROC.resolve("self").resolve("schedstat"));
    }

    /** The process that all others of a server come from. */
    static ProcessHandle postmaster(PostgresServer server) throws IOException {
        List<String> lines =
                Files.readAllLines(server.directory().resolve("data").resolve("postmaster.pid"));
        return ProcessHandle.of(Long.parseLong(lines.get(0).trim())).orElseThrow();
    }

    /** Looks at all sessions. */
    void look() {
        postmaster.children().forEach(this::look);
    }

    private void look(ProcessHandle process) {
        Path files = PROC.resolve(String.valueOf(process.pid()));
        try {
            String title = Files.readString(files.resolve("cmdline"));
            String time = Files.readString(files.resolve("schedstat"));
            if (title.startsWith(SESSION)) {
                String user = title.substring(SESSION.length()).split(" ", 2)[0];
                long nanos = Long.parseLong(time.split(" ", 2)[0]);
                byProcess.put(process.pid(), new Spent(user, nanos));
            }
        } catch (IOException ended) {
            // What it had used when it was last looked at stays.
            return;
        }
    }

    /** What the sessions of a user have used, in nanoseconds. */
    long of(String user) {
        return byProcess.values().stream()
                .filter(spent -> spent.user.equals(user))
                .mapToLong(Spent::nanos)
                .sum();
    }
}
