package io.onevault.connectors.target;

/** The work of one thread for one target. */
public interface Watcher {

    /** Works until interrupted, or until its outbox is closed, and closes what it opened. */
    void run() throws InterruptedException;

    /** Ends a statement that another thread waits for, without waiting. Called by any thread. */
    void abort();
}
