package io.onevault.jobs.locks;

import io.onevault.jobs.locks.impact.LockAssessor;
import io.onevault.jobs.locks.incident.BlockingIncident;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Judges each row of an incident and remembers whom its rows have concerned so far; keyed by
 * incident. Its last row clears the state; whatever opened has a last row.
 */
final class AssessIncidents
        extends KeyedProcessFunction<String, BlockingIncident, BlockingIncident> {

    private static final long serialVersionUID = 1L;

    private final LockAssessor assessor;
    private transient ListState<String> tenants;

    AssessIncidents(LockAssessor assessor) {
        this.assessor = assessor;
    }

    @Override
    public void open(OpenContext context) {
        tenants =
                getRuntimeContext()
                        .getListState(new ListStateDescriptor<>("tenants", Types.STRING));
    }

    @Override
    public void processElement(
            BlockingIncident incident, Context context, Collector<BlockingIncident> out)
            throws Exception {
        List<String> before = new ArrayList<>();
        tenants.get().forEach(before::add);
        BlockingIncident assessed = assessor.assess(incident, before);
        if (!assessed.open()) {
            tenants.clear();
        } else if (!assessed.tenants().equals(before)) {
            tenants.update(assessed.tenants());
        }
        out.collect(assessed);
    }
}
