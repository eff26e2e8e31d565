package io.onevault.jobs.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.onevault.jobs.config.YamlNode.Absent;
import io.onevault.jobs.config.YamlNode.Items;
import io.onevault.jobs.config.YamlNode.Mapping;
import io.onevault.jobs.config.YamlNode.Scalar;
import io.onevault.jobs.config.YamlNode.Unusable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns YAML into {@link YamlNode}s, which know their lines, and names what is not plain YAML:
 * duplicate keys, anchors, tags, a second document. Messages never quote the file, because the line
 * at fault may hold a password.
 */
final class YamlDocument {

    /** More nesting than this is no configuration of ours, and would exhaust the stack. */
    private static final int DEEPEST = 16;

    /** Explanations of the parser that hold nothing of the file. */
    private static final Set<String> HARMLESS =
            Set.of(
                    "mapping values are not allowed here",
                    "could not find expected ':'",
                    "found unexpected end of stream",
                    "found a tab character that violates indentation",
                    "sequence entries are not allowed here",
                    "block sequence entries are not allowed here",
                    "mapping keys are not allowed here");

    private final ProblemList problems;
    private final YAMLParser parser;

    private YamlDocument(YAMLParser parser, ProblemList problems) {
        this.parser = parser;
        this.problems = problems;
    }

    /** The document's root, or null when it is not YAML or not a mapping; problems say why. */
    static @Nullable Mapping parse(String text, ProblemList problems) {
        try (YAMLParser parser = new YAMLFactory().createParser(text)) {
            return new YamlDocument(parser, problems).root();
        } catch (JsonProcessingException e) {
            problems.add(
                    line(e),
                    "",
                    "",
                    syntax(e),
                    "correct the YAML around this place; quote values that hold : # or begin with"
                            + " one of [ { % @ ! & * ` |");
            return null;
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    private @Nullable Mapping root() throws IOException {
        if (parser.nextToken() == null) {
            problems.add(1, "", "", "is empty", "start from flink-conf/onevault.example.yaml");
            return null;
        }
        YamlNode root = node("", 0);
        if (parser.nextToken() != null) {
            problems.add(
                    here(),
                    "",
                    "",
                    "holds a second document",
                    "keep one document per file, without ---");
        }
        if (root instanceof Mapping mapping) {
            return mapping;
        }
        problems.add(
                root.line(),
                "",
                "",
                "holds " + root.kind() + " where keys and values are expected",
                "start from flink-conf/onevault.example.yaml");
        return null;
    }

    private YamlNode node(String path, int depth) throws IOException {
        int line = here();
        if (parser.getObjectId() != null || parser.isCurrentAlias() || parser.getTypeId() != null) {
            problems.add(
                    line,
                    path,
                    "",
                    "uses a YAML anchor, alias or tag (a value that begins with &, * or !)",
                    "write the value out, or put it in quotes");
            parser.skipChildren();
            return new Unusable(line);
        }
        if (depth > DEEPEST) {
            problems.add(
                    line, path, "", "is nested too deeply", "see flink-conf/onevault.example.yaml");
            parser.skipChildren();
            return new Unusable(line);
        }
        JsonToken token = parser.currentToken();
        return switch (token) {
            case START_OBJECT -> mapping(path, line, depth);
            case START_ARRAY -> items(path, line, depth);
            case VALUE_NULL -> new Absent(line);
            default -> new Scalar(line, parser.getText());
        };
    }

    private Mapping mapping(String path, int line, int depth) throws IOException {
        Map<String, YamlNode> entries = new LinkedHashMap<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            String keyPath = path.isEmpty() ? key : path + '.' + key;
            int keyLine = here();
            parser.nextToken();
            YamlNode value = node(keyPath, depth + 1);
            Integer earlier = lines.putIfAbsent(key, keyLine);
            if (earlier == null) {
                entries.put(key, value);
            } else {
                problems.add(
                        keyLine,
                        keyPath,
                        "",
                        "is given twice, first in line " + earlier,
                        "keep one of them");
            }
        }
        return new Mapping(line, entries, lines);
    }

    private Items items(String path, int line, int depth) throws IOException {
        List<YamlNode> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(node(path + '[' + items.size() + ']', depth + 1));
        }
        return new Items(line, items);
    }

    private int here() {
        return parser.currentTokenLocation().getLineNr();
    }

    private static int line(JsonProcessingException e) {
        return e.getLocation() == null ? 0 : e.getLocation().getLineNr();
    }

    private static String syntax(JsonProcessingException e) {
        String place = e.getLocation() == null ? "" : " at column " + e.getLocation().getColumnNr();
        String reason =
                e.getOriginalMessage() == null
                        ? ""
                        : e.getOriginalMessage()
                                .lines()
                                .map(String::strip)
                                .filter(HARMLESS::contains)
                                .findFirst()
                                .map(found -> " (" + found + ")")
                                .orElse("");
        return "is not valid YAML" + place + reason;
    }
}
