package io.onevault.jobs.cluster;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.connectors.vault.VaultTable.ColumnType;
import io.onevault.jobs.collection.ChangeStreams;
import io.onevault.jobs.collection.CollectionJob;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Writes every change of the configured targets to the vault, one hub row for each. */
public final class ChangeLedgerJob {

    static final VaultTable TABLE =
            new VaultTable(
                    "monitoring",
                    "ledger_change_h",
                    "ledger_change_s",
                    "ledger_change",
                    List.of(
                            new Column("operation", ColumnType.TEXT),
                            new Column("id", ColumnType.TEXT),
                            new Column("amount", ColumnType.TEXT)),
                    List.of(),
                    "TEST");

    private ChangeLedgerJob() {}

    /**
     * Submits the job.
     *
     * @param arguments {@code --config FILE}
     */
    public static void main(String[] arguments) throws Exception {
        OneVaultConfig config = OneVaultConfig.read(Path.of(arguments[1]));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.configure(config.job().flinkConfiguration());
        List<DataStream<CdcRecord>> streams =
                List.copyOf(ChangeStreams.ofTargets(env, config).values());
        VaultFindingSinks sinks = new VaultFindingSinks(config.vaultOptions());
        sinks.write(
                streams.get(0)
                        .<RowChange>flatMap(
                                (record, out) -> {
                                    if (record.change() != null) {
                                        out.collect(record.change());
                                    }
                                })
                        .returns(RowChange.class)
                        .uid("only-changes")
                        .name("only-changes"),
                TABLE,
                ChangeLedgerJob::row);
        CollectionJob.defineWorkflow(List.of(), streams, List.of(), sinks);
        env.execute(config.job().name());
    }

    private static VaultRow row(RowChange change) {
        return new VaultRow(
                "%d|%d|%d"
                        .formatted(
                                change.precedingCommitLsn(),
                                change.transactionId(),
                                change.ordinal()),
                null,
                change.commitTime(),
                List.of(
                        change.operation(),
                        text(change.key(), "id"),
                        change.after() == null ? "-" : text(change.after(), "amount")));
    }

    private static String text(List<FieldValue> row, String column) {
        for (FieldValue field : row) {
            if (field.name().equals(column)) {
                return String.valueOf(field.text());
            }
        }
        return "absent";
    }
}
