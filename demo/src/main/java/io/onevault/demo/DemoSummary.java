package io.onevault.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.onevault.demo.past.Verdict;
import io.onevault.demo.past.Verdicts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run of the demo left in the vault, counted there.
 *
 * @param changes row changes that the change sources emitted, snapshots included
 * @param samples samples in the stored windows
 * @param windows windows stored
 * @param vaultRows rows of all hubs, satellites and links
 * @param deadlocksServer deadlocks the watched database counted
 * @param alertsFired alert instances
 * @param alertsResolved those of them that are over
 * @param notificationsDelivered notifications delivered
 * @param securityEvents security events
 * @param forecasts that the job made while the demo ran
 * @param verdicts on those whose truth is known
 * @param locks what was found about locks
 * @param gaps collection gaps
 * @param deadLetters rows the vault refused, and changes that could not be decoded
 */
record DemoSummary(
        long changes,
        long samples,
        long windows,
        long vaultRows,
        long deadlocksServer,
        long alertsFired,
        long alertsResolved,
        long notificationsDelivered,
        long securityEvents,
        long forecasts,
        List<Verdict> verdicts,
        LockSummary locks,
        long gaps,
        long deadLetters) {

    /**
     * Writes the keys that others rely on. What no part of this version observes is null: zero
     * would say that it was looked for.
     */
    void write(Path file) throws IOException {
        Map<String, @Nullable Object> latency = new LinkedHashMap<>();
        latency.put("p50", locks.median());
        latency.put("p99", locks.p99());
        latency.put("max", locks.longest());
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("cdc_events", changes);
        json.put("samples", samples);
        json.put("windows", windows);
        json.put("vault_rows", vaultRows);
        json.put("incidents_opened", locks.opened());
        json.put("incidents_closed", locks.closed());
        json.put("deadlocks_server", deadlocksServer);
        json.put("deadlocks_detected", locks.deadlocks());
        json.put("deadlocks_before_server", locks.before());
        json.put("lock_latency_ms", latency);
        json.put("forecasts", forecasts);
        json.put("forecasts_against_truth", Verdicts.json(verdicts));
        json.put("alerts_fired", alertsFired);
        json.put("alerts_resolved", alertsResolved);
        json.put("notifications_delivered", notificationsDelivered);
        json.put("security_events", securityEvents);
        json.put("collection_gaps", gaps);
        json.put("dead_letters", deadLetters);
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(file.toFile(), json);
    }
}
