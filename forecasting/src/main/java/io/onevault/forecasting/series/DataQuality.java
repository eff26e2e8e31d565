package io.onevault.forecasting.series;

/**
 * How much a series can be trusted before any model sees it.
 *
 * @param score between 0 (useless) and 1 (complete, long, no oddity)
 * @param observations values used
 * @param missing grid steps between first and last observation without a value
 * @param duplicates observations that shared a step with a later one, which won
 * @param invalid observations dropped because they were NaN or infinite
 * @param outliers isolated spikes replaced for fitting; intervals still see them
 * @param longestGap longest run of missing steps
 */
public record DataQuality(
        double score,
        int observations,
        int missing,
        int duplicates,
        int invalid,
        int outliers,
        int longestGap) {

    private static final double FULL_TRUST_OBSERVATIONS = 60;

    static DataQuality of(
            int observations,
            int missing,
            int duplicates,
            int invalid,
            int outliers,
            int longestGap) {
        if (observations == 0) {
            return new DataQuality(0, 0, missing, duplicates, invalid, outliers, longestGap);
        }
        double grid = observations + missing;
        double given = observations + duplicates + invalid;
        double completeness = observations / grid;
        double validity = observations / given;
        double regularity = 1 - 0.5 * longestGap / grid;
        double cleanliness = 1 - Math.min(0.5, 5.0 * outliers / observations);
        double length = Math.min(1, Math.sqrt(observations / FULL_TRUST_OBSERVATIONS));
        double score = completeness * validity * regularity * cleanliness * length;
        return new DataQuality(
                Math.max(0, Math.min(1, score)),
                observations,
                missing,
                duplicates,
                invalid,
                outliers,
                longestGap);
    }
}
