package io.onevault.connectors.polling;

import org.apache.flink.api.connector.source.SourceSplit;

/**
 * A poll of a target, with what a later run of the job needs to go on.
 *
 * @param target the target's name
 * @param poll the poll's name
 * @param progress how far it came
 */
public record PollSplit(String target, String poll, Progress progress) implements SourceSplit {

    @Override
    public String splitId() {
        return id(target, poll);
    }

    static String id(String target, String poll) {
        return target + "/" + poll;
    }

    PollSplit withProgress(Progress next) {
        return new PollSplit(target, poll, next);
    }

    /**
     * How far a split came.
     *
     * @param accountedUntil until when every run is accounted for by a result or a gap; the
     *     collector's clock, milliseconds since the epoch, 0 before the first run
     * @param clockSkewMillis the server's clock minus the collector's, as last estimated
     * @param serverStart when the server was started, milliseconds since the epoch, 0 when unknown;
     *     another one later is a restart
     * @param runs how often it ran, failures included
     */
    public record Progress(long accountedUntil, long clockSkewMillis, long serverStart, long runs) {

        static final Progress NONE = new Progress(0, 0, 0, 0);
    }
}
