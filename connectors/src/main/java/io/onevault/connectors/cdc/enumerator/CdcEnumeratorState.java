package io.onevault.connectors.cdc.enumerator;

import io.onevault.connectors.cdc.split.CdcSplit;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint keeps of the enumerator.
 *
 * @param waiting the split while no reader has it, else null
 */
public record CdcEnumeratorState(@Nullable CdcSplit waiting) {}
