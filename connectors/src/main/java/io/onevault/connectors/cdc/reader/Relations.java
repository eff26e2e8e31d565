package io.onevault.connectors.cdc.reader;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The descriptions of tables that one run has met, each with a number that its rows carry through
 * the engine. The same description keeps its number. Thread-safe.
 */
final class Relations {

    private final Map<Integer, Relation> byNumber = new ConcurrentHashMap<>();
    private final Map<Relation, Integer> numbers = new HashMap<>();

    synchronized int number(Relation relation) {
        Integer known = numbers.get(relation);
        if (known != null) {
            return known;
        }
        int next = numbers.size() + 1;
        numbers.put(relation, next);
        byNumber.put(next, relation);
        return next;
    }

    Relation get(int number) {
        Relation relation = byNumber.get(number);
        if (relation == null) {
            throw new IllegalStateException("no table has number " + number);
        }
        return relation;
    }
}
