package io.onevault.jobs.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The word somebody probably meant, by Levenshtein distance. */
final class Nearest {

    private Nearest() {}

    /** The nearest of {@code known}; empty when none is near enough to be meant. */
    static Optional<String> of(String word, Collection<String> known) {
        String folded = fold(word);
        int tolerance = Math.max(1, folded.length() / 3);
        return known.stream()
                .filter(candidate -> Math.abs(candidate.length() - folded.length()) <= tolerance)
                .filter(candidate -> distance(folded, fold(candidate)) <= tolerance)
                .min(Comparator.comparingInt(candidate -> distance(folded, fold(candidate))));
    }

    /** What to do about {@code word}, which is none of {@code known}. */
    static String remedy(String word, Collection<String> known) {
        return of(word, known)
                .map(near -> "did you mean " + near + "?")
                .orElse("known here are " + String.join(", ", known));
    }

    private static String fold(String word) {
        return word.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** O(a.length x b.length) time; words are short. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
