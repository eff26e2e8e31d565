package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What one run of the engine shares with the classes that the engine makes from their names: they
 * find it by the id in their properties.
 *
 * @param id also the prefix of the messages that carry rows through the engine; random, so that no
 *     message of an application is taken for one
 * @param typeNames the names of the server's own types, by object id
 * @param budget bounds what the engine holds
 */
record RunContext(
        String id,
        CdcOptions options,
        PositionStore.State positions,
        Map<Integer, String> typeNames,
        Relations relations,
        ByteBudget budget) {

    /** Property with the id. */
    static final String ID = "onevault.run.id";

    private static final Map<String, RunContext> RUNS = new ConcurrentHashMap<>();

    static RunContext register(
            CdcOptions options, PositionStore.State positions, Map<Integer, String> typeNames) {
        RunContext run =
                new RunContext(
                        UUID.randomUUID().toString(),
                        options,
                        positions,
                        typeNames,
                        new Relations(),
                        new ByteBudget(options.queueBytes() / 2));
        RUNS.put(run.id(), run);
        return run;
    }

    void unregister() {
        RUNS.remove(id);
    }

    static RunContext of(Map<String, String> properties) {
        String id = properties.get(ID);
        RunContext run = id == null ? null : RUNS.get(id);
        if (run == null) {
            throw new IllegalStateException("no run is registered as " + id);
        }
        return run;
    }
}
