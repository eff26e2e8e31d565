package io.onevault.connectors.polling;

import io.onevault.connectors.model.PollResult;
import java.util.List;

/**
 * What a reader emits and remembers after a run, together or not at all.
 *
 * @param splitId whose run it was
 * @param results the run's result, and before it a gap for runs that did not happen
 * @param progress the split's progress after the run
 */
record PollOutcome(String splitId, List<PollResult> results, PollSplit.Progress progress) {}
