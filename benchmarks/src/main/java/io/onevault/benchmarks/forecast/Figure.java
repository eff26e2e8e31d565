package io.onevault.benchmarks.forecast;

/** One measured figure beside its peer's; the ratio is what is judged. */
public record Figure(
        String name, double value, String unit, String peer, double peerValue, double ratio) {

    static Figure against(String name, double value, String unit, String peer, double peerValue) {
        return new Figure(name, value, unit, peer, peerValue, value / peerValue);
    }
}
