package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyLineTest {

    @Test
    void tellsNullEmptyAndEscapedApart() {
        assertThat(columns("1\t\\N\t\ta\\tb\\nc\\\\N\\v\\b\\f\\r\t\\\\N\n", 5))
                .containsExactly("1", null, "", "a\tb\nc\\N\u000b\b\f\r", "\\N");
        assertThat(columns("\n", 1)).containsExactly("");
        assertThat(columns("\\N\n", 1)).containsExactly((String) null);
        assertThat(columns("\t\n", 2)).containsExactly("", "");
    }

    private static List<String> columns(String text, int count) {
        CopyLine line = new CopyLine(text.getBytes(StandardCharsets.UTF_8));
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            columns.add(
                    line.next()
                            ? new String(
                                    line.bytes(),
                                    line.begin(),
                                    line.length(),
                                    StandardCharsets.UTF_8)
                            : null);
        }
        return columns;
    }
}
