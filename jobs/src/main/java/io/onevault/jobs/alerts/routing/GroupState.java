package io.onevault.jobs.alerts.routing;

import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.Severity;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a group beside its members; a POJO for keyed state, changed by {@link
 * AlertGroup} alone. Times are this machine's clock in milliseconds since the epoch where nothing
 * else is said, 0 for none.
 */
public final class GroupState {

    /** Key of the alert in whose name all messages are, from the first to the end; may be empty. */
    public String leader = "";

    /** What receivers know the trouble by, from the first message to the end; may be empty. */
    public String matter = "";

    /** Checkpoint after which that began. */
    public long epoch;

    /** How many have begun after that checkpoint. */
    public int matters;

    /** Messages of the matter. */
    public int messages;

    /** The newest change. */
    public @Nullable AlertInstance last;

    /** When the trouble began, on the watched server's clock. */
    public long since;

    /** Time of the newest change, on the watched server's clock. */
    public long changedAt;

    /** Members. */
    public int open;

    /** Those that nobody has taken note of. */
    public int firing;

    /** Those that are critical. */
    public int critical;

    /** Those that fire and that no message has counted. */
    public int untold;

    /** Alerts that messages have counted, also those that are over. */
    public int counted;

    /** What the last message said; empty for nothing yet. */
    public String toldStatus = "";

    /** The worst that messages said. */
    public @Nullable Severity toldSeverity;

    /** Where messages went. */
    public List<String> toldChannels = new ArrayList<>();

    /**
     * Whether receivers may know of it although no message was made since the checkpoint from which
     * the job goes on.
     */
    public boolean maybeTold;

    /** What they know it by then, as far as the vault knows; may be empty. */
    public String knownMatter = "";

    /** Whether one of those fired again since then: the next message is not one that was made. */
    public boolean more;

    /** Since when there is something to tell. */
    public long newsAt;

    /** When the last message was sent. */
    public long sentAt;

    /** Since when it has been told and nobody has taken note. */
    public long unacknowledgedSince;

    /** Steps of the escalation that were taken. */
    public int escalated;

    /** The timer that will come. */
    public long timerAt;
}
