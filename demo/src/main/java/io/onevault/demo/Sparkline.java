package io.onevault.demo;

import java.util.Arrays;
import java.util.List;

/** A series in one line of text, scaled from its smallest to its largest value. */
final class Sparkline {

    private static final String BARS = "▁▂▃▄▅▆▇█";

    private Sparkline() {}

    /**
     * The last {@code width} values as bars, right-aligned; a constant series lies at the bottom.
     */
    static String of(List<Double> values, int width) {
        List<Double> shown = values.subList(Math.max(0, values.size() - width), values.size());
        double min = shown.stream().mapToDouble(v -> v).min().orElse(0);
        double max = shown.stream().mapToDouble(v -> v).max().orElse(0);
        return of(shown, width, min, max);
    }

    /** The same, scaled from {@code min} to {@code max}. */
    static String of(List<Double> values, int width, double min, double max) {
        List<Double> shown = values.subList(Math.max(0, values.size() - width), values.size());
        char[] line = new char[width];
        Arrays.fill(line, ' ');
        int offset = width - shown.size();
        for (int i = 0; i < shown.size(); i++) {
            double share = max > min ? (shown.get(i) - min) / (max - min) : 0;
            int bar = (int) Math.max(0, Math.min(BARS.length() - 1, share * BARS.length()));
            line[offset + i] = BARS.charAt(bar);
        }
        return new String(line);
    }
}
