package io.onevault.jobs.locks.incident;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A part of a target's state in memory, which knows what changed since it was last asked, so that
 * only that is written to where state is kept. Sorted, for what follows from it must not depend on
 * anything but its content. Values are immutable.
 */
public final class Store<K extends Comparable<K>, V> {

    private final Map<K, V> values = new TreeMap<>();
    private final Set<K> changed = new HashSet<>();

    /** Takes a changed value; null when it is gone. */
    @FunctionalInterface
    public interface Changes<K, V, E extends Exception> {
        void take(K key, @Nullable V value) throws E;
    }

    /** Puts a value that is kept already. */
    public void restore(K key, V value) {
        values.put(key, value);
    }

    /** Hands over what changed since the last time. */
    public <E extends Exception> void drain(Changes<K, V, E> to) throws E {
        for (K key : changed) {
            to.take(key, values.get(key));
        }
        changed.clear();
    }

    /** Whether nothing is in it. */
    public boolean isEmpty() {
        return values.isEmpty();
    }

    /** The value, null for none. */
    public @Nullable V get(K key) {
        return values.get(key);
    }

    /** Puts a value, or replaces one. */
    public void put(K key, V value) {
        values.put(key, value);
        changed.add(key);
    }

    /** Removes a value, if there is one. */
    public void remove(K key) {
        if (values.remove(key) != null) {
            changed.add(key);
        }
    }

    int size() {
        return values.size();
    }

    /** All values, in the order of their keys; a view. */
    public Collection<V> values() {
        return values.values();
    }

    Set<K> keys() {
        return values.keySet();
    }
}
