package io.onevault.jobs.capacity.attribution;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The size of a {@code jsonb} value from its text, as PostgreSQL writes it: keys once each and in
 * its order. Source: {@code jsonb.h}, {@code jsonb_util.c}.
 */
final class JsonbSizes {

    private static final int WORD = 4;
    private static final int DEEPEST = 500;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEEPEST)
                                    .maxNumberLength(200_000)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private JsonbSizes() {}

    /** A value within a container: its bytes, and whether it begins at a word. */
    private record Part(long length, boolean aligned) {}

    /**
     * Bytes without the length word. Linear in the text's length. A text nested deeper than 500
     * levels counts as its text.
     */
    static long payload(String text) {
        try (JsonParser parser = FACTORY.createParser(text)) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                return 0;
            }
            if (token.isStructStart()) {
                return value(parser, token).length;
            }
            // A lone scalar is kept as an array of one.
            return container(1, List.of(), List.of(value(parser, token)));
        } catch (IOException e) {
            return DatumSizes.utf8(text);
        }
    }

    private static Part value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> new Part(DatumSizes.utf8(parser.getText()), false);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                    new Part(WORD + DatumSizes.numeric(parser.getText()), true);
            default -> new Part(0, false);
        };
    }

    private static Part object(JsonParser parser) throws IOException {
        List<Part> keys = new ArrayList<>();
        List<Part> values = new ArrayList<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            keys.add(new Part(DatumSizes.utf8(parser.currentName()), false));
            values.add(value(parser, parser.nextToken()));
        }
        return new Part(container(keys.size() + values.size(), keys, values), true);
    }

    private static Part array(JsonParser parser) throws IOException {
        List<Part> values = new ArrayList<>();
        JsonToken token = parser.nextToken();
        while (token != null && token != JsonToken.END_ARRAY) {
            values.add(value(parser, token));
            token = parser.nextToken();
        }
        return new Part(container(values.size(), List.of(), values), true);
    }

    /** A header word, a word for each entry, the keys, the values. */
    private static long container(int entries, List<Part> keys, List<Part> values) {
        long size = WORD + (long) WORD * entries;
        for (Part key : keys) {
            size += key.length;
        }
        for (Part value : values) {
            size = (value.aligned ? DatumSizes.align(size, WORD) : size) + value.length;
        }
        return size;
    }
}
