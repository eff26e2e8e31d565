package io.onevault.jobs.alerts.rules;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The columns of one row, read as what they ought to hold; a column that is not there is null. */
final class RuleRow {

    /** No column of a rule needs more; {@link RuleVersion} keeps one character beyond it. */
    static final int MAX_TEXT = 20_000;

    private static final int MAX_NAME = 200;
    private static final int MAX_ENTRIES = 50;
    private static final int MAX_QUOTED = 100;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, String> values;

    RuleRow(Map<String, String> values) {
        this.values = values;
    }

    /** A value as it may stand in a message: short and without control characters. */
    static String quoted(String text) {
        String shortened = text.length() > MAX_QUOTED ? text.substring(0, MAX_QUOTED) + "…" : text;
        return shortened.replaceAll("\\p{Cntrl}", "\uFFFD");
    }

    String name(String column) throws InvalidRuleException {
        return name(column, text(column));
    }

    private static String name(String column, String text) throws InvalidRuleException {
        if (text.isBlank()) {
            throw new InvalidRuleException("%s is empty: give a name".formatted(column));
        }
        if (text.length() > MAX_NAME || text.chars().anyMatch(Character::isISOControl)) {
            throw new InvalidRuleException(
                    "%s has more than %d characters or control characters in it: choose a plain name"
                            .formatted(column, MAX_NAME));
        }
        return text;
    }

    /** The text, empty when null. */
    String text(String column) throws InvalidRuleException {
        String text = value(column);
        return text == null ? "" : text;
    }

    private @Nullable String value(String column) throws InvalidRuleException {
        String text = values.get(column);
        if (RuleVersion.UNKNOWN.equals(text)) {
            throw new InvalidRuleException(
                    "%s is not known, because the change left it as it was and did not send it: write it again, or insert a new version"
                            .formatted(column));
        }
        if (text != null && text.length() > MAX_TEXT) {
            throw new InvalidRuleException(
                    "%s has more than %d characters: shorten it".formatted(column, MAX_TEXT));
        }
        return text;
    }

    /** A regular expression that was found harmless; empty when null. */
    String pattern(String column) throws InvalidRuleException {
        String expression = text(column);
        if (!expression.isEmpty()) {
            SafePattern.of(column, expression);
        }
        return expression;
    }

    /** Regular expressions by name, each found harmless; none when null. */
    Map<String, String> patterns(String column) throws InvalidRuleException {
        Map<String, String> expressions = object(column);
        SafePattern.all(column, expressions);
        return expressions;
    }

    /** A finite number; NaN when null. */
    double number(String column) throws InvalidRuleException {
        String text = value(column);
        if (text == null) {
            return Double.NaN;
        }
        double number = Double.NaN;
        try {
            number = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            // Told below.
        }
        if (!Double.isFinite(number)) {
            throw new InvalidRuleException(
                    "%s is %s: use a finite number, or null for none"
                            .formatted(column, quoted(text)));
        }
        return number;
    }

    /** A whole number within bounds; {@code otherwise} when null. */
    int integer(String column, int least, int most, int otherwise) throws InvalidRuleException {
        String text = value(column);
        return text == null ? otherwise : integer(column, text, least, most);
    }

    static int integer(String column, String text, int least, int most)
            throws InvalidRuleException {
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new InvalidRuleException(
                "%s is %s: use a whole number from %d to %d"
                        .formatted(column, quoted(text), least, most));
    }

    boolean flag(String column, boolean otherwise) {
        String text = values.get(column);
        return text == null ? otherwise : text.equals("true") || text.equals("t");
    }

    <E extends Enum<E>> E oneOf(String column, E[] known) throws InvalidRuleException {
        String text = text(column);
        List<String> names = new ArrayList<>();
        for (E candidate : known) {
            if (candidate.name().equals(text)) {
                return candidate;
            }
            names.add(candidate.name());
        }
        throw new InvalidRuleException(
                "%s is %s: use %s".formatted(column, quoted(text), String.join(" or ", names)));
    }

    /** Names in an array of text; none when null. */
    List<String> names(String column) throws InvalidRuleException {
        String literal = value(column);
        if (literal == null) {
            return List.of();
        }
        List<@Nullable String> elements = ArrayLiteral.parse(literal);
        if (elements == null || elements.size() > MAX_ENTRIES || elements.contains(null)) {
            throw new InvalidRuleException(
                    "%s is not a plain list of at most %d names: use one dimension without nulls"
                            .formatted(column, MAX_ENTRIES));
        }
        List<String> names = new ArrayList<>(elements.size());
        for (String element : elements) {
            names.add(name(column, String.valueOf(element)));
        }
        return names;
    }

    /** A JSON object of texts, numbers and truth values, as texts; empty when null. */
    Map<String, String> object(String column) throws InvalidRuleException {
        JsonNode node = json(column);
        Map<String, String> entries = new LinkedHashMap<>();
        if (node == null) {
            return entries;
        }
        if (!node.isObject() || node.size() > MAX_ENTRIES) {
            throw new InvalidRuleException(
                    "%s is not a JSON object of at most %d entries: write {\"name\": \"value\"}"
                            .formatted(column, MAX_ENTRIES));
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            if (entry.getValue().isContainerNode() || entry.getValue().isNull()) {
                throw new InvalidRuleException(
                        "%s holds for %s neither text nor number: write {\"name\": \"value\"}"
                                .formatted(column, quoted(entry.getKey())));
            }
            entries.put(name(column, entry.getKey()), entry.getValue().asText());
        }
        return entries;
    }

    @Nullable JsonNode json(String column) throws InvalidRuleException {
        String text = value(column);
        if (text == null) {
            return null;
        }
        try {
            JsonNode node = JSON.readTree(text);
            return node.isNull() || node.isMissingNode() ? null : node;
        } catch (JsonProcessingException e) {
            throw new InvalidRuleException("%s is not JSON: correct it".formatted(column));
        }
    }
}
