package io.onevault.jobs.alerts.inhibition;

import java.util.ArrayList;
import java.util.List;

/** Keyed state of {@link ExplainAlerts}: what may explain alerts of a target; a POJO. */
public final class TargetCauses {

    public List<Cause> causes = new ArrayList<>();

    /** Names of rules that alerts say they are inhibited by. */
    public List<String> wanted = new ArrayList<>();
}
