package io.onevault.jobs.capacity.attribution;

/**
 * A text that a row said, and when among the target's events; of two the later stands.
 *
 * @param text what was said
 * @param sequence number of the event that said it
 */
public record Said(String text, long sequence) {

    static Said later(Said one, Said other) {
        return other.sequence >= one.sequence ? other : one;
    }
}
