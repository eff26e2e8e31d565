package io.onevault.benchmarks;

/**
 * One figure beside its peer's. Absolute values depend on the machine; the ratio is what is judged.
 *
 * @param name what was measured
 * @param value median of the rounds, in {@code unit}
 * @param unit of both values, empty for a plain number
 * @param peer what it is compared with: a program, a limit or a target
 * @param peerValue the peer's median, in {@code unit}
 * @param ratio {@code value / peerValue}; for times, less is better
 */
public record Result(
        String name, double value, String unit, String peer, double peerValue, double ratio) {

    /** A figure and its peer's, with their ratio. */
    public static Result against(
            String name, double value, String unit, String peer, double peerValue) {
        return new Result(name, value, unit, peer, peerValue, value / peerValue);
    }
}
