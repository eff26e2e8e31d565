package io.onevault.jobs.alerts.lifecycle;

import org.jspecify.annotations.Nullable;

/**
 * How one alert stands after a change. All times are milliseconds since the epoch on the watched
 * server's clock, 0 for not yet.
 *
 * @param subject what it is about
 * @param status where it stands
 * @param severity how bad it is; of a resolved one how bad it was
 * @param value that made the change; NaN for none
 * @param threshold of the severity, NaN for none
 * @param message for people, plain text
 * @param pendingSince when the condition began to hold
 * @param firedAt when it had held for as long as the rule asks
 * @param acknowledgedAt when somebody took note, while that counts
 * @param acknowledgedBy who did, empty for nobody
 * @param suppressedAt when it was silenced, while it is
 * @param suppressedBy by what, empty for nothing
 * @param resolvedAt when it was over
 * @param reason of its end, else empty
 * @param flapping whether it comes and goes, so that its end takes longer
 * @param told whether it was ever FIRING, so that its end is told too
 * @param at of this change; grows strictly from change to change of an alert
 * @param earlier what the vault knew of it, where nothing else did when the job began; null for an
 *     alert that began under the job's eyes
 */
public record AlertInstance(
        AlertSubject subject,
        AlertStatus status,
        Severity severity,
        double value,
        double threshold,
        String message,
        long pendingSince,
        long firedAt,
        long acknowledgedAt,
        String acknowledgedBy,
        long suppressedAt,
        String suppressedBy,
        long resolvedAt,
        String reason,
        boolean flapping,
        boolean told,
        long at,
        @Nullable Earlier earlier) {

    private static final String EXPLAINED = "alert ";
    private static final int HASH_DIGITS = 64;

    static AlertInstance begun(AlertSubject subject, Severity severity, long at) {
        return new AlertInstance(
                subject,
                AlertStatus.PENDING,
                severity,
                Double.NaN,
                Double.NaN,
                "",
                at,
                0,
                0,
                "",
                0,
                "",
                0,
                "",
                false,
                false,
                at,
                null);
    }

    /** Whether it is not over. */
    public boolean open() {
        return status != AlertStatus.RESOLVED;
    }

    /**
     * The alert after {@code trigger}, null where that means nothing to it.
     *
     * @param by who or what acknowledges or silences, or the reason of the end
     */
    @Nullable AlertInstance after(Trigger trigger, long time, String by) {
        AlertStatus next = Transitions.after(status, trigger);
        if (next == null) {
            return null;
        }
        boolean fires = trigger == Trigger.HELD || trigger == Trigger.HELD_IN_SILENCE;
        boolean taken = next == AlertStatus.ACKNOWLEDGED;
        boolean silent = next == AlertStatus.SUPPRESSED;
        boolean over = next == AlertStatus.RESOLVED;
        boolean stays = next == status || over;
        return new AlertInstance(
                subject,
                next,
                severity,
                value,
                threshold,
                message,
                pendingSince,
                fires ? time : firedAt,
                stays ? acknowledgedAt : taken ? time : 0,
                trigger == Trigger.ACKNOWLEDGED ? by : stays ? acknowledgedBy : "",
                stays ? suppressedAt : silent ? time : 0,
                stays && trigger != Trigger.SILENCED ? suppressedBy : silent ? by : "",
                over ? time : 0,
                over ? by : "",
                flapping,
                told || next == AlertStatus.FIRING,
                Math.max(time, at + 1),
                earlier);
    }

    AlertInstance saying(
            Severity newSeverity, double newValue, double newThreshold, String newMessage) {
        return new AlertInstance(
                subject,
                status,
                newSeverity,
                newValue,
                newThreshold,
                newMessage,
                pendingSince,
                firedAt,
                acknowledgedAt,
                acknowledgedBy,
                suppressedAt,
                suppressedBy,
                resolvedAt,
                reason,
                flapping,
                told,
                at,
                earlier);
    }

    AlertInstance about(AlertSubject newSubject, boolean newFlapping) {
        return new AlertInstance(
                newSubject,
                status,
                severity,
                value,
                threshold,
                message,
                pendingSince,
                firedAt,
                acknowledgedAt,
                acknowledgedBy,
                suppressedAt,
                suppressedBy,
                resolvedAt,
                reason,
                newFlapping,
                told,
                at,
                earlier);
    }

    /** The same, said once more. */
    AlertInstance again(long time) {
        return shown(status, suppressedBy, suppressedAt, told, "", Math.max(time, at + 1));
    }

    /** What an alert is suppressed by that another one explains. */
    public static String explainedBy(String causeHash, String ruleName) {
        return EXPLAINED + causeHash + " (" + ruleName + ")";
    }

    /** Whether these words say that another alert explains it. */
    static boolean isExplained(String by) {
        return by.startsWith(EXPLAINED) && by.length() > EXPLAINED.length() + HASH_DIGITS;
    }

    /** Hash key of the alert that explains it, hexadecimal; empty for none. */
    public String causeHash() {
        return status == AlertStatus.SUPPRESSED && isExplained(suppressedBy)
                ? suppressedBy.substring(EXPLAINED.length(), EXPLAINED.length() + HASH_DIGITS)
                : "";
    }

    /** Whether it is silenced because it was told shortly before. */
    public boolean isRepeat() {
        return status == AlertStatus.SUPPRESSED && Quiet.isRepeat(suppressedBy);
    }

    /** Whether somebody silenced it. */
    public boolean isSilenced() {
        return status == AlertStatus.SUPPRESSED && Quiet.isSilence(suppressedBy);
    }

    /**
     * The same as others see it.
     *
     * @param shownStatus where it stands for them
     * @param by what silences it, empty for nothing
     * @param since when that began
     * @param wasTold whether it was ever told
     * @param more what its message says beside its own
     * @param time of the change
     */
    public AlertInstance shown(
            AlertStatus shownStatus,
            String by,
            long since,
            boolean wasTold,
            String more,
            long time) {
        return new AlertInstance(
                subject,
                shownStatus,
                severity,
                value,
                threshold,
                message + more,
                pendingSince,
                firedAt,
                acknowledgedAt,
                acknowledgedBy,
                by.isEmpty() ? 0 : since,
                by,
                resolvedAt,
                reason,
                flapping,
                wasTold,
                time,
                earlier);
    }
}
