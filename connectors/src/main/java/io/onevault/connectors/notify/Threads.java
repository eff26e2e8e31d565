package io.onevault.connectors.notify;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes threads that do not keep a process alive and that find this library's services. */
final class Threads {

    private Threads() {}

    static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, name + '-' + count.incrementAndGet());
            thread.setDaemon(true);
            // The mail library looks for its parts through it; the cluster's knows none of them.
            thread.setContextClassLoader(Threads.class.getClassLoader());
            return thread;
        };
    }
}
