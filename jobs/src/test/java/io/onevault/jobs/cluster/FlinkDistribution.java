package io.onevault.jobs.cluster;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a distribution of Flink has on its class path, picked from that of the tests: Flink is not
 * to be had whole from a Maven repository.
 */
final class FlinkDistribution {

    /** What lies in {@code lib} and {@code flink-dist}, as folders of a Maven repository. */
    private static final List<String> DISTRIBUTION =
            List.of(
                    "/org/apache/flink/",
                    "/org/apache/logging/log4j/",
                    "/org/slf4j/",
                    "/org/apache/commons/commons-lang3/",
                    "/org/apache/commons/commons-text/",
                    "/org/apache/commons/commons-compress/",
                    "/org/apache/commons/commons-math3/",
                    "/commons-cli/",
                    "/commons-io/",
                    "/commons-collections/",
                    "/com/esotericsoftware/",
                    "/org/objenesis/",
                    "/org/javassist/",
                    "/org/snakeyaml/",
                    "/org/xerial/snappy/",
                    "/at/yawk/lz4/",
                    "/com/ververica/frocksdbjni/");

    private static final Pattern NOT_IN_DISTRIBUTION =
            Pattern.compile(".*(/flink-connector-jdbc|/flink-test-utils|-tests\\.jar$).*");

    private FlinkDistribution() {}

    /** Jars of the test class path, joined as {@code java -cp} takes them. */
    static String classPath() {
        String jars =
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .filter(jar -> DISTRIBUTION.stream().anyMatch(jar::contains))
                        .filter(jar -> !NOT_IN_DISTRIBUTION.matcher(jar).matches())
                        .collect(Collectors.joining(File.pathSeparator));
        if (jars.isEmpty()) {
            throw new IllegalStateException("no Flink on the test class path");
        }
        return jars;
    }
}
