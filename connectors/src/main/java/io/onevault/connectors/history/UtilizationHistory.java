package io.onevault.connectors.history;

import io.onevault.connectors.vault.VaultOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.core.datastream.source.JdbcSource;
import org.apache.flink.connector.jdbc.core.datastream.source.enumerator.JdbcSourceEnumeratorState;
import org.apache.flink.connector.jdbc.core.datastream.source.reader.JdbcSourceReader;
import org.apache.flink.connector.jdbc.core.datastream.source.reader.JdbcSourceSplitReader;
import org.apache.flink.connector.jdbc.core.datastream.source.reader.extractor.ResultExtractor;
import org.apache.flink.connector.jdbc.core.datastream.source.split.JdbcSourceSplit;
import org.apache.flink.connector.jdbc.split.JdbcGenericParameterValuesProvider;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A bounded source of the resources' past: a value a day for the older days and a value an hour for
 * the two latest weeks, from {@code capacity_planning.resource_utilization_s} and, for times of
 * which that says nothing, from the roll-ups of the metrics that tell of resources.
 *
 * <p>flink-connector-jdbc's source, in sixteen parts by hash key. After a failure parts are read
 * again, so that what comes twice must not count twice. A vault that cannot be reached is waited
 * for; a query that fails, fails the job.
 *
 * <p>Its reader is made here because the builder drops the connection provider it is given
 * (4.0.0-2.0), and the provider is what waits.
 */
public final class UtilizationHistory
        implements Source<RememberedUse, JdbcSourceSplit, JdbcSourceEnumeratorState>,
                ResultTypeQueryable<RememberedUse> {

    private static final long serialVersionUID = 1L;

    private static final int PARTS = 16;
    private static final int FETCHED_ROWS = 5_000;
    private static final TypeInformation<RememberedUse> TYPE =
            TypeInformation.of(RememberedUse.class);

    private final JdbcSource<RememberedUse> source;
    private final JdbcConnectionOptions options;

    /**
     * @param vault how it is reached, by a role that reads every row
     * @param days how far back
     * @param meanings which metrics are resources: a JSON array of objects with {@code metric},
     *     {@code type}, {@code statistic} (LAST, MAX or P95) and {@code capacity}, which may be
     *     null
     */
    public UtilizationHistory(VaultOptions vault, int days, String meanings) {
        this.options =
                new JdbcConnectionOptions.JdbcConnectionOptionsBuilder()
                        .withUrl(vault.url())
                        .withDriverName("org.postgresql.Driver")
                        .withUsername(vault.user())
                        .withPassword(vault.password().reveal())
                        .withProperty("ApplicationName", "onevault-history")
                        .withProperty("connectTimeout", "10")
                        .withProperty("socketTimeout", "900")
                        .withProperty("tcpKeepAlive", "true")
                        .withProperty("options", "-c statement_timeout=15min -c lock_timeout=20s")
                        .build();
        this.source =
                JdbcSource.<RememberedUse>builder()
                        .setDBUrl(vault.url())
                        .setDriverName("org.postgresql.Driver")
                        .setUsername(vault.user())
                        .setPassword(vault.password().reveal())
                        .setSql(query())
                        .setJdbcParameterValuesProvider(
                                new JdbcGenericParameterValuesProvider(parts(days, meanings)))
                        .setResultExtractor(new Extractor())
                        .setTypeInformation(TYPE)
                        .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                        // Without these the driver would hold a part's whole result.
                        .setAutoCommit(false)
                        .setResultSetFetchSize(FETCHED_ROWS)
                        .build();
    }

    private static String query() {
        try (InputStream file =
                UtilizationHistory.class.getResourceAsStream("utilization_history.sql")) {
            if (file == null) {
                throw new IllegalStateException("utilization_history.sql is not in the jar");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The metrics, from a hash key, to below another, and the days. */
    private static Serializable[][] parts(int days, String meanings) {
        Serializable[][] parts = new Serializable[PARTS][];
        for (int i = 0; i < PARTS; i++) {
            String from = String.format(Locale.ROOT, "%x0", i);
            // Above every key of 32 bytes.
            String to = i == PARTS - 1 ? "ff".repeat(33) : String.format(Locale.ROOT, "%x0", i + 1);
            parts[i] = new Serializable[] {meanings, from, to, days};
        }
        return parts;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.BOUNDED;
    }

    @Override
    public SourceReader<RememberedUse, JdbcSourceSplit> createReader(SourceReaderContext context) {
        AtomicBoolean closed = new AtomicBoolean();
        return new JdbcSourceReader<>(
                () ->
                        new JdbcSourceSplitReader<>(
                                context,
                                source.getConfiguration(),
                                TYPE,
                                // Its own: one part's reader closes it while the next one reads.
                                new PatientConnections(options, closed),
                                DeliveryGuarantee.AT_LEAST_ONCE,
                                new Extractor()),
                source.getConfiguration(),
                context) {
            @Override
            public void close() throws Exception {
                closed.set(true);
                super.close();
            }
        };
    }

    @Override
    public SplitEnumerator<JdbcSourceSplit, JdbcSourceEnumeratorState> createEnumerator(
            SplitEnumeratorContext<JdbcSourceSplit> context) throws Exception {
        return source.createEnumerator(context);
    }

    @Override
    public SplitEnumerator<JdbcSourceSplit, JdbcSourceEnumeratorState> restoreEnumerator(
            SplitEnumeratorContext<JdbcSourceSplit> context, JdbcSourceEnumeratorState state)
            throws Exception {
        return source.restoreEnumerator(context, state);
    }

    @Override
    public SimpleVersionedSerializer<JdbcSourceSplit> getSplitSerializer() {
        return source.getSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<JdbcSourceEnumeratorState>
            getEnumeratorCheckpointSerializer() {
        return source.getEnumeratorCheckpointSerializer();
    }

    @Override
    public TypeInformation<RememberedUse> getProducedType() {
        return TYPE;
    }

    /** Columns in the order of the query. */
    private static final class Extractor implements ResultExtractor<RememberedUse> {

        private static final long serialVersionUID = 1L;

        @Override
        public RememberedUse extract(ResultSet row) throws SQLException {
            double capacity = row.getDouble("capacity");
            boolean unlimited = row.wasNull();
            return new RememberedUse(
                    row.getString("series"),
                    row.getString("target_name"),
                    row.getString("tenant"),
                    row.getString("resource_type"),
                    row.getString("resource_name"),
                    row.getString("resource_unit"),
                    row.getLong("end_millis"),
                    row.getInt("period_seconds"),
                    row.getLong("states"),
                    row.getDouble("last_value"),
                    row.getDouble("highest_value"),
                    unlimited ? Double.NaN : capacity);
        }
    }
}
