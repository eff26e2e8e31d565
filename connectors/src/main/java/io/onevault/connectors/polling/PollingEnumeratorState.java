package io.onevault.connectors.polling;

import java.util.List;

/**
 * What the enumerator keeps in a checkpoint.
 *
 * @param unassigned splits with progress that no reader holds at the moment
 */
public record PollingEnumeratorState(List<PollSplit> unassigned) {

    public PollingEnumeratorState {
        unassigned = List.copyOf(unassigned);
    }
}
