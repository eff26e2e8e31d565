package io.onevault.connectors.model;

import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelSerializationTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                Sample.class,
                Fact.class,
                CollectionGap.class,
                PollResult.class,
                FieldValue.class,
                RowChange.class,
                CdcDeadLetter.class,
                SchemaVersion.class,
                SchemaVersion.TableColumn.class,
                SnapshotBoundary.class,
                CdcRecord.class
            })
    void everyStreamRecordSerializesWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }
}
