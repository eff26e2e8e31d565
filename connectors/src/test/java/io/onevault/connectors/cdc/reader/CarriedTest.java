package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CarriedTest {

    private static final byte[] MESSAGE = "Irow".getBytes(StandardCharsets.US_ASCII);

    @Test
    void messageBehindProtocolBytesIsNotCopied() {
        byte[] received = new byte[25 + MESSAGE.length];
        System.arraycopy(MESSAGE, 0, received, 25, MESSAGE.length);

        byte[] content =
                Carried.of(
                        ByteBuffer.wrap(received, 25, MESSAGE.length).slice(), -2, 4294967295L, 7);

        assertThat(content).isSameAs(received);
        assertThatItSays(Carried.read(ByteBuffer.wrap(content)));
    }

    @Test
    void messageWithoutRoomBeforeItIsCopied() {
        byte[] content = Carried.of(ByteBuffer.wrap(MESSAGE.clone()), -2, 4294967295L, 7);

        assertThatItSays(Carried.read(ByteBuffer.wrap(content)));
    }

    private static void assertThatItSays(Carried carried) {
        assertThat(carried.lsn()).isEqualTo(-2);
        assertThat(carried.transaction()).isEqualTo(4294967295L);
        assertThat(carried.commitTime()).isEqualTo(7);
        assertThat(carried.message()).isEqualTo(ByteBuffer.wrap(MESSAGE));
        assertThat(carried.message().get(0)).isEqualTo((byte) 'I');
    }
}
