package io.onevault.connectors.cdc.reader;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.OffsetBackingStore;
import org.apache.kafka.connect.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Tells the engine where to start, and afterwards only what a completed checkpoint holds.
 *
 * <p>The engine confirms to the slot whatever {@link #get} returns, also while it stops. What it
 * wants to store is ignored: the position that counts is the one of the records that Flink emitted.
 * Made by the engine from its class name.
 */
public final class PositionStore implements OffsetBackingStore {

    private @Nullable State state;

    /** What the reader's threads and the engine's share. LSNs; 0 is none. */
    static final class State {
        private volatile long start;
        private volatile long confirmed;
        private volatile boolean started;

        /** Where the next run of the engine starts. */
        void startAt(long lsn) {
            start = lsn;
            started = false;
        }

        /** From now on the engine asks what it may confirm. */
        void started() {
            started = true;
        }

        /** Everything up to this LSN is in a completed checkpoint. */
        void confirm(long lsn) {
            confirmed = Math.max(confirmed, lsn);
        }

        long confirmed() {
            return confirmed;
        }

        /**
         * Without {@code lsn_proc} the engine does not search for a place within a transaction, and
         * without {@code lsn_commit} it confirms nothing.
         */
        private String offset() {
            if (started) {
                return confirmed == 0
                        ? "{\"lsn\":%d}".formatted(start)
                        : "{\"lsn\":%d,\"lsn_commit\":%d}".formatted(confirmed, confirmed);
            }
            return "{\"lsn\":%d,\"lsn_commit\":%d}".formatted(start, start);
        }
    }

    @Override
    public void configure(WorkerConfig config) {
        state = RunContext.of(config.originalsStrings()).positions();
    }

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public Future<Map<ByteBuffer, ByteBuffer>> get(Collection<ByteBuffer> keys) {
        Map<ByteBuffer, ByteBuffer> found = new HashMap<>();
        State current = state;
        if (current != null) {
            byte[] offset = current.offset().getBytes(StandardCharsets.UTF_8);
            keys.forEach(key -> found.put(key, ByteBuffer.wrap(offset)));
        }
        return CompletableFuture.completedFuture(found);
    }

    @Override
    public Future<Void> set(Map<ByteBuffer, ByteBuffer> values, @Nullable Callback<Void> callback) {
        if (callback != null) {
            callback.onCompletion(null, null);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }
}
