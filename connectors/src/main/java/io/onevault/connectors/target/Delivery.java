package io.onevault.connectors.target;

import java.util.List;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * What a reader emits and remembers, together or not at all.
 *
 * @param split the split after the records
 * @param records in order
 * @param <T> a record of the stream
 * @param <S> the source's split
 */
public record Delivery<T, S extends SourceSplit>(S split, List<T> records) {}
