package io.onevault.connectors.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An alert as the vault has it: one that is not over, one that ended lately, or the last of an
 * incident that is not over. Times are milliseconds since the epoch on the watched server's clock,
 * 0 for not yet; a text that is not known is empty.
 *
 * @param key of the alert
 * @param ruleKey hash key of the rule's hub, hexadecimal
 * @param ruleName for people
 * @param ruleVersion place in the log at which the rule came into force
 * @param series text of the series' id
 * @param unit of the values
 * @param groupKey alerts with the same are told together
 * @param status where it stood
 * @param severity how bad it was
 * @param value that made the change; NaN for none
 * @param threshold of the severity; NaN for none
 * @param message for people
 * @param pendingSince when the condition began to hold
 * @param firedAt when it had held for as long as the rule asks
 * @param acknowledgedAt when somebody took note, while that counts
 * @param acknowledgedBy who did
 * @param suppressedAt when it was silenced, while it is
 * @param suppressedBy by what
 * @param resolvedAt when it was over
 * @param reason of its end
 * @param flapping whether it came and went
 * @param told whether it was ever FIRING
 * @param at of the row
 * @param noteRow when its newest note's row was made, microseconds since the epoch; 0 for no note
 *     that counts
 * @param noteUntil when that no longer counts; 0 for the alert's end
 * @param noteBy who took note
 * @param noteHeard whether the alert was ACKNOWLEDGED by that note before
 * @param matter what receivers know it by, where a message was about it
 * @param channels to which messages of that went
 * @param incident that it belongs to; null for none that is not over
 */
public record RememberedAlert(
        String key,
        String ruleKey,
        String ruleName,
        long ruleVersion,
        String series,
        String unit,
        String groupKey,
        String status,
        String severity,
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
        long noteRow,
        long noteUntil,
        String noteBy,
        boolean noteHeard,
        String matter,
        List<String> channels,
        @Nullable RememberedIncident incident) {}
