package io.onevault.jobs.locks;

import static io.onevault.jobs.locks.impact.Incidents.incident;
import static io.onevault.jobs.locks.impact.Incidents.victim;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.locks.impact.AssessmentSettings;
import io.onevault.jobs.locks.impact.LockAssessor;
import io.onevault.jobs.locks.impact.TenantPatterns;
import io.onevault.jobs.locks.incident.BlockingIncident;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class AssessIncidentsTest {

    private static final BlockingIncident OPENED =
            incident(i -> i.victims(victim(8, 7, 1, "tuple", "ShareLock", "app_umbrella")));

    @Test
    void whomAnIncidentConcernedItConcernsToItsLastRow() throws Exception {
        OperatorSubtaskState checkpoint;
        try (var harness = harness()) {
            harness.open();
            harness.processElement(OPENED, 1);
            assertThat(last(harness).tenants()).containsExactly("acme", "umbrella");
            checkpoint = harness.snapshot(1, 1);
        }
        try (var harness = harness()) {
            harness.initializeState(checkpoint);
            harness.open();
            // Of another incident, which says nothing of this one.
            harness.processElement(incident(i -> i.key("shop/9/1/1")), 2);
            assertThat(last(harness).tenant()).isEqualTo("acme");
            harness.processElement(incident(i -> i.victims()), 3);
            assertThat(last(harness).tenants()).containsExactly("acme", "umbrella");
            harness.processElement(
                    incident(i -> i.victims(victim(9, 7, 1, "tuple", "ShareLock", "app_zoo"))), 4);
            harness.processElement(incident(i -> i.victims().closed()), 5);
            assertThat(last(harness).tenants()).containsExactly("acme", "umbrella", "zoo");
            assertThat(last(harness).tenant()).isEmpty();
        }
    }

    @Test
    void nothingIsKeptOfClosedIncidents() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.processElement(OPENED, 1);
            assertThat(harness.numKeyedStateEntries()).isPositive();
            harness.processElement(incident(i -> i.victims().closed()), 2);
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numEventTimeTimers()).isZero();
        }
    }

    private static BlockingIncident last(
            KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, BlockingIncident>
                    harness) {
        List<BlockingIncident> rows = harness.extractOutputValues();
        return rows.get(rows.size() - 1);
    }

    private static KeyedOneInputStreamOperatorTestHarness<
                    String, BlockingIncident, BlockingIncident>
            harness() throws Exception {
        LockAssessor assessor =
                new LockAssessor(
                        AssessmentSettings.DEFAULT.withTenants(
                                Map.of("shop", new TenantPatterns("^app_(.+)$", ""))));
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new AssessIncidents(assessor)),
                BlockingIncident::key,
                Types.STRING);
    }
}
