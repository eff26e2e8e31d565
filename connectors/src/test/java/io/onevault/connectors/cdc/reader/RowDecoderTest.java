package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.onevault.connectors.model.FieldValue;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowDecoderTest {

    private static final Relation ITEM =
            new Relation(
                    "public",
                    "item",
                    'd',
                    List.of(
                            new Relation.Column("id", "int4", true),
                            new Relation.Column("note", "text", false)),
                    List.of());

    private static final byte[] ONE = "1".getBytes(StandardCharsets.UTF_8);

    @Test
    void tellsNullEmptyAndUnchangedApart() throws Exception {
        RowDecoder.Row row =
                RowDecoder.decode(ITEM, message('U', 'K', ONE, null, 'N', ONE, new byte[0]));
        assertThat(row.operation()).isEqualTo("UPDATE");
        assertThat(row.whole()).isFalse();
        assertThat(row.before())
                .containsExactly(
                        new FieldValue("id", "int4", "1", false),
                        new FieldValue("note", "text", null, false));
        assertThat(row.after().get(1)).isEqualTo(new FieldValue("note", "text", "", false));
        ByteBuffer unchanged =
                ByteBuffer.wrap(new byte[] {'U', 0, 0, 0, 1, 'N', 0, 2, 't', 0, 0, 0, 1, '1', 'u'});
        assertThat(RowDecoder.decode(ITEM, unchanged).after().get(1))
                .isEqualTo(new FieldValue("note", "text", null, true));
    }

    @Test
    void keepsTheBytesOfWhatIsNoText() throws Exception {
        byte[] latin = {'c', 'a', 'f', (byte) 0xe9};
        RowDecoder.UndecodableException problem = problem(message('I', 'N', ONE, latin));
        assertThat(problem).hasMessage("column note: not valid UTF-8");
        assertThat(problem.content()).isEqualTo("N(id=1, note=\\x636166e9)");
        byte[] replacement = "\uFFFD".getBytes(StandardCharsets.UTF_8);
        assertThat(RowDecoder.decode(ITEM, message('I', 'N', ONE, replacement)).after().get(1))
                .as("a replacement character that was stored")
                .isEqualTo(new FieldValue("note", "text", "\uFFFD", false));
    }

    @Test
    void saysWhyAMessageCannotBeDecoded() throws IOException {
        byte[] whole = message('I', 'N', ONE, ONE).array();
        ByteBuffer torn = ByteBuffer.wrap(whole, 0, whole.length - 1).slice();
        assertThat(problem(torn).content()).startsWith("\\x49000000014e0002");
        assertThat(problem(ByteBuffer.wrap(new byte[] {'I', 0, 0, 0, 1, 'N', 0, 7})))
                .hasMessageContaining("7 columns, of which the server described 2");
        assertThat(
                        problem(
                                ByteBuffer.wrap(
                                        new byte[] {'I', 0, 0, 0, 1, 'N', 0, 2, 'b', 0, 0, 0, 0})))
                .hasMessageContaining("unknown form b");
        byte[] large = new byte[3 << 20];
        large[0] = (byte) 0xff;
        assertThat(problem(message('I', 'N', ONE, large)).content())
                .hasSizeLessThan(2 << 20)
                .contains("cut off after");
    }

    private static RowDecoder.UndecodableException problem(ByteBuffer message) {
        return catchThrowableOfType(
                RowDecoder.UndecodableException.class, () -> RowDecoder.decode(ITEM, message));
    }

    /** A message with tuples of two columns each, each behind its kind. */
    private static ByteBuffer message(char operation, @Nullable Object... parts)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(operation);
        out.writeInt(1);
        for (Object part : parts) {
            if (part instanceof Character kind) {
                out.writeByte(kind);
                out.writeShort(2);
            } else if (part instanceof byte[] value) {
                out.writeByte('t');
                out.writeInt(value.length);
                out.write(value);
            } else {
                out.writeByte('n');
            }
        }
        return ByteBuffer.wrap(bytes.toByteArray());
    }
}
