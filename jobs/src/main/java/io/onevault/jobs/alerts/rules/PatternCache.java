package io.onevault.jobs.alerts.rules;

import org.jspecify.annotations.Nullable;

/** Matches names against expressions that were found harmless; compiled ones are kept. */
public final class PatternCache {

    private static final int MAX_PATTERNS = 1_000;

    private final Recent<Compiled> patterns = new Recent<>(MAX_PATTERNS);

    /** Whether the whole of {@code text} matches; an expression that is none matches nothing. */
    public boolean matches(String expression, String text) {
        SafePattern pattern = patterns.computeIfAbsent(expression, PatternCache::compiled).pattern;
        return pattern != null && pattern.matches(text);
    }

    private static Compiled compiled(String expression) {
        try {
            return new Compiled(SafePattern.optional("explains_pattern", expression));
        } catch (InvalidRuleException e) {
            // In force by an earlier release, which allowed more.
            return new Compiled(null);
        }
    }

    private record Compiled(@Nullable SafePattern pattern) {}
}
