package io.onevault.jobs.collection;

import io.onevault.connectors.model.CdcDeadLetter;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.SchemaVersion;
import io.onevault.jobs.vault.ChangeDeadLetterRows;
import io.onevault.jobs.vault.CollectionGapRows;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.TableSchemaRows;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps in the vault what sources say of their own work: gaps, changes that could not be decoded,
 * and which columns the watched tables had when.
 */
public final class CollectionJob {

    private CollectionJob() {}

    /**
     * Attaches the capability.
     *
     * @param polled results of polls; at most one stream
     * @param changes records of all change sources
     * @param others gaps of other sources
     */
    public static void defineWorkflow(
            List<DataStream<PollResult>> polled,
            List<DataStream<CdcRecord>> changes,
            List<DataStream<CollectionGap>> others,
            FindingSinks sinks) {
        @Nullable DataStream<CollectionGap> gaps = null;
        for (DataStream<PollResult> results : polled) {
            gaps = gapsOf(results);
        }
        DataStream<CdcRecord> records = union(changes);
        if (records != null) {
            DataStream<CollectionGap> ofChanges =
                    records.<CollectionGap>flatMap(
                                    (record, out) -> {
                                        if (record.gap() != null) {
                                            out.collect(record.gap());
                                        }
                                    })
                            .returns(CollectionGap.class)
                            .uid("change-gaps")
                            .name("change-gaps");
            gaps = gaps == null ? ofChanges : gaps.union(ofChanges);
            writeDeadLetters(records, sinks);
            writeSchemaVersions(records, sinks);
        }
        for (DataStream<CollectionGap> other : others) {
            gaps = gaps == null ? other : gaps.union(other);
        }
        if (gaps != null) {
            sinks.write(gaps, CollectionGapRows.TABLE, CollectionGapRows::row);
        }
    }

    private static DataStream<CollectionGap> gapsOf(DataStream<PollResult> polled) {
        return polled.<CollectionGap>flatMap(
                        (result, out) -> {
                            if (result.gap() != null) {
                                out.collect(result.gap());
                            }
                        })
                .returns(CollectionGap.class)
                .uid("collection-gaps")
                .name("collection-gaps");
    }

    private static @Nullable DataStream<CdcRecord> union(List<DataStream<CdcRecord>> changes) {
        DataStream<CdcRecord> all = null;
        for (DataStream<CdcRecord> stream : changes) {
            all = all == null ? stream : all.union(stream);
        }
        return all;
    }

    private static void writeDeadLetters(DataStream<CdcRecord> records, FindingSinks sinks) {
        sinks.write(
                records.<CdcDeadLetter>flatMap(
                                (record, out) -> {
                                    if (record.deadLetter() != null) {
                                        out.collect(record.deadLetter());
                                    }
                                })
                        .returns(CdcDeadLetter.class)
                        .uid("change-dead-letters")
                        .name("change-dead-letters"),
                ChangeDeadLetterRows.TABLE,
                ChangeDeadLetterRows::row);
    }

    private static void writeSchemaVersions(DataStream<CdcRecord> records, FindingSinks sinks) {
        sinks.write(
                records.<SchemaVersion>flatMap(
                                (record, out) -> {
                                    if (record.schemaVersion() != null) {
                                        out.collect(record.schemaVersion());
                                    }
                                })
                        .returns(SchemaVersion.class)
                        .uid("schema-versions")
                        .name("schema-versions"),
                TableSchemaRows.TABLE,
                TableSchemaRows::row);
    }
}
