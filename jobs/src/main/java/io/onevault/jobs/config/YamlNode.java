package io.onevault.jobs.config;

import java.util.List;
import java.util.Map;

/** A YAML value with the line it stands on, from 1. Keys keep the order of the file. */
sealed interface YamlNode {

    int line();

    /** What it is, for people. */
    String kind();

    /** A value by itself; {@code text} as written, without quotes. */
    record Scalar(int line, String text) implements YamlNode {
        @Override
        public String kind() {
            return "a single value";
        }
    }

    /** No value: {@code key:} or {@code null}. */
    record Absent(int line) implements YamlNode {
        @Override
        public String kind() {
            return "nothing";
        }
    }

    /** Something that is no plain YAML and has been reported. */
    record Unusable(int line) implements YamlNode {
        @Override
        public String kind() {
            return "something else";
        }
    }

    /** Key and value pairs, with the line each key stands on. */
    record Mapping(int line, Map<String, YamlNode> entries, Map<String, Integer> keyLines)
            implements YamlNode {
        @Override
        public String kind() {
            return "a group of keys";
        }
    }

    /** A list. */
    record Items(int line, List<YamlNode> items) implements YamlNode {
        @Override
        public String kind() {
            return "a list";
        }
    }
}
