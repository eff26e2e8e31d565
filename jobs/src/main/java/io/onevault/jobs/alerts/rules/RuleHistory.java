package io.onevault.jobs.alerts.rules;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one rule: its hub's row, the latest versions of its satellite, what of it is in
 * force and what was last said about its rejection.
 *
 * @param kind of the rule
 * @param key hash key of the hub, hexadecimal
 * @param hub whether the hub's row is known
 * @param tenantKey of the hub's row, hexadecimal; empty for none
 * @param hubLoadDate microseconds since the epoch
 * @param hubSnapshot the latest snapshot that had been begun when the hub's row was heard of
 * @param versions the latest first
 * @param rule in force
 * @param threshold in force
 * @param silence in force, or lately over
 * @param rejection the last one told; its reason is empty when the rule is in order
 */
public record RuleHistory(
        RuleKind kind,
        String key,
        boolean hub,
        String tenantKey,
        long hubLoadDate,
        long hubSnapshot,
        List<RuleVersion> versions,
        @Nullable AlertRule rule,
        @Nullable CapacityThreshold threshold,
        @Nullable Silence silence,
        @Nullable RuleRejection rejection) {

    /** The latest are kept; older ones matter to nobody, unless all of these are invalid. */
    static final int MAX_VERSIONS = 8;

    static RuleHistory unknown(RuleKind kind, String key) {
        return new RuleHistory(
                kind, key, false, "", Long.MAX_VALUE, 0, List.of(), null, null, null, null);
    }

    RuleHistory withHub(String newTenantKey, long loadDate, long snapshot) {
        return new RuleHistory(
                kind,
                key,
                true,
                newTenantKey,
                loadDate,
                snapshot,
                versions,
                rule,
                threshold,
                silence,
                rejection);
    }

    RuleHistory withoutHub() {
        return new RuleHistory(
                kind,
                key,
                false,
                "",
                Long.MAX_VALUE,
                0,
                versions,
                rule,
                threshold,
                silence,
                rejection);
    }

    RuleHistory withVersions(List<RuleVersion> newVersions) {
        return new RuleHistory(
                kind,
                key,
                hub,
                tenantKey,
                hubLoadDate,
                hubSnapshot,
                newVersions,
                rule,
                threshold,
                silence,
                rejection);
    }

    RuleHistory resolved(
            @Nullable AlertRule newRule,
            @Nullable CapacityThreshold newThreshold,
            @Nullable Silence newSilence,
            @Nullable RuleRejection newRejection) {
        return new RuleHistory(
                kind,
                key,
                hub,
                tenantKey,
                hubLoadDate,
                hubSnapshot,
                versions,
                newRule,
                newThreshold,
                newSilence,
                newRejection);
    }

    @Nullable RuleVersion version(long loadDate) {
        for (RuleVersion version : versions) {
            if (version.loadDate() == loadDate) {
                return version;
            }
        }
        return null;
    }

    RuleHistory with(RuleVersion version) {
        List<RuleVersion> changed = new ArrayList<>(versions);
        changed.removeIf(known -> known.loadDate() == version.loadDate());
        changed.add(version);
        changed.sort(Comparator.comparingLong(RuleVersion::loadDate).reversed());
        return withVersions(
                changed.size() > MAX_VERSIONS
                        ? new ArrayList<>(changed.subList(0, MAX_VERSIONS))
                        : changed);
    }

    RuleHistory without(long loadDate) {
        List<RuleVersion> changed = new ArrayList<>(versions);
        changed.removeIf(known -> known.loadDate() == loadDate);
        return withVersions(changed);
    }

    /** Without what a snapshot that is now complete did not list. */
    RuleHistory confirmedBy(long snapshot) {
        List<RuleVersion> confirmed = new ArrayList<>(versions);
        confirmed.removeIf(version -> version.snapshot() < snapshot);
        RuleHistory left = hub && hubSnapshot < snapshot ? withoutHub() : this;
        return left.withVersions(confirmed);
    }

    boolean isForgotten() {
        boolean settled = rejection == null || rejection.reason().isEmpty();
        return !hub
                && versions.isEmpty()
                && rule == null
                && threshold == null
                && silence == null
                && settled;
    }

    /** The version that counts, null when the rule is ended or gone. */
    @Nullable RuleVersion current() {
        return versions.isEmpty() || !versions.get(0).isOpen() ? null : versions.get(0);
    }

    /**
     * The versions that can be in force while {@link #current} is not, as far as rows tell: the
     * valid ones before it without a gap, the latest first.
     */
    List<RuleVersion> predecessors() {
        List<RuleVersion> valid = new ArrayList<>();
        for (int i = 1; i < versions.size(); i++) {
            RuleVersion version = versions.get(i);
            if (!version.reaches(versions.get(i - 1))) {
                break;
            }
            if (version.isValid()) {
                valid.add(version);
            }
        }
        return valid;
    }

    /** What no other rule for the same tenant may have. */
    String nameOf(Map<String, String> values) {
        String name = values.getOrDefault(kind.nameColumn(), "");
        return switch (kind) {
            case ALERT -> name;
            case CAPACITY -> name + " " + values.get("threshold_type");
            case SILENCE -> key;
        };
    }

    /**
     * When the latest of a silence's versions is over, milliseconds since the epoch; {@link
     * Long#MAX_VALUE} of other rules, and while a row is not there that says so.
     */
    long over() {
        long over = Long.MIN_VALUE;
        for (RuleVersion version : versions) {
            over = Math.max(over, SilenceReader.end(version.values()));
        }
        return kind != RuleKind.SILENCE || over == Long.MIN_VALUE ? Long.MAX_VALUE : over;
    }
}
