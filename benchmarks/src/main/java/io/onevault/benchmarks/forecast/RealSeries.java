package io.onevault.benchmarks.forecast;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One series of the data folder: what is known ({@code train}) and what came after ({@code test});
 * NaN where a step is missing.
 */
record RealSeries(String id, double[] train, double[] test) {

    /** Reads {@code series_id,split,step,[timestamp,]value}. */
    static List<RealSeries> read(Path file) throws IOException {
        Map<String, List<double[]>> rows = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(file);
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            double test = cells[1].equals("test") ? 1 : 0;
            double value = Double.parseDouble(cells[cells.length - 1]);
            rows.computeIfAbsent(cells[0], id -> new ArrayList<>())
                    .add(new double[] {Double.parseDouble(cells[2]), test, value});
        }
        List<RealSeries> result = new ArrayList<>();
        rows.forEach((id, list) -> result.add(of(id, list)));
        return result;
    }

    private static RealSeries of(String id, List<double[]> rows) {
        int first = (int) rows.get(0)[0];
        int last = first;
        int lastTrain = first;
        for (double[] row : rows) {
            first = Math.min(first, (int) row[0]);
            last = Math.max(last, (int) row[0]);
            lastTrain = row[1] == 0 ? Math.max(lastTrain, (int) row[0]) : lastTrain;
        }
        double[] all = new double[last - first + 1];
        Arrays.fill(all, Double.NaN);
        for (double[] row : rows) {
            all[(int) row[0] - first] = row[2];
        }
        int split = lastTrain - first + 1;
        return new RealSeries(
                id, Arrays.copyOf(all, split), Arrays.copyOfRange(all, split, all.length));
    }

    /** The same series seen {@code steps} earlier, with {@code horizon} steps to forecast. */
    RealSeries earlier(int steps, int horizon) {
        double[] all = Arrays.copyOf(train, train.length + test.length);
        System.arraycopy(test, 0, all, train.length, test.length);
        int split = train.length - steps;
        int end = Math.min(all.length, split + horizon);
        return new RealSeries(id, Arrays.copyOf(all, split), Arrays.copyOfRange(all, split, end));
    }
}
