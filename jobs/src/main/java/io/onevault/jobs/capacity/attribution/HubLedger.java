package io.onevault.jobs.capacity.attribution;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Attributes what owners have to tenants, once for each period, so that the result does not depend
 * on the order in which the rows of a period come: rows wait for their hub under no tenant, a hub
 * that moves takes along all that it has, and a hub that goes leaves it to no tenant.
 */
public final class HubLedger {

    private HubLedger() {}

    /**
     * What the end of a period makes of an owner.
     *
     * @param state what the owner has from now on, null for nothing
     * @param deltas what changes for tenants
     */
    public record Settlement(@Nullable HubState state, List<TenantDelta> deltas) {}

    /**
     * Ends a period.
     *
     * @param stored what the owner had before, null for nothing
     * @param time of the deltas, milliseconds since the epoch
     */
    public static Settlement settle(@Nullable HubState stored, HubPeriod period, long time) {
        HubState before =
                stored == null
                        ? new HubState(period.target(), Map.of(), Map.of(), Map.of())
                        : stored;
        HubState after = after(before, period);
        List<TenantDelta> deltas = new ArrayList<>();
        boolean moves = !after.tenant().equals(before.tenant());
        TreeSet<String> relations = new TreeSet<>(before.totals().keySet());
        relations.addAll(period.changes().keySet());
        for (String relation : relations) {
            Amount change = period.changes().getOrDefault(relation, Amount.NONE);
            if (moves) {
                Amount had = before.totals().getOrDefault(relation, Amount.NONE);
                Amount has = after.totals().getOrDefault(relation, Amount.NONE);
                Amount counted = new Amount(has.rows(), has.bytes(), change.changes());
                add(deltas, before, relation, had.negated(), time);
                add(deltas, after, relation, counted, time);
            } else {
                add(deltas, after, relation, change, time);
            }
        }
        addNames(deltas, before, after, time);
        boolean nothing = after.totals().isEmpty();
        return new Settlement(nothing ? null : after, deltas);
    }

    private static HubState after(HubState before, HubPeriod period) {
        Map<String, Amount> totals = new HashMap<>(before.totals());
        period.changes()
                .forEach(
                        (relation, change) -> totals.merge(relation, change.level(), Amount::plus));
        totals.values().removeIf(Amount::isEmpty);
        return new HubState(
                before.target(),
                totals,
                said(before.tenants(), period.tenants(), totals),
                said(before.names(), period.names(), totals));
    }

    /** What tables say that still have a row here. */
    private static Map<String, Said> said(
            Map<String, Said> before, Map<String, Said> since, Map<String, Amount> totals) {
        Map<String, Said> said = new HashMap<>(before);
        since.forEach((relation, text) -> said.merge(relation, text, Said::later));
        said.keySet().retainAll(totals.keySet());
        return said;
    }

    private static void add(
            List<TenantDelta> deltas, HubState owner, String relation, Amount amount, long time) {
        if (!amount.isEmpty() || amount.changes() != 0) {
            deltas.add(
                    new TenantDelta(owner.target(), owner.tenant(), relation, amount, null, time));
        }
    }

    private static void addNames(
            List<TenantDelta> deltas, HubState before, HubState after, long time) {
        boolean moves = !after.tenant().equals(before.tenant());
        if (!before.name().isEmpty() && (moves || after.name().isEmpty())) {
            deltas.add(name(before, "", time));
        }
        if (!after.name().isEmpty() && (moves || !after.name().equals(before.name()))) {
            deltas.add(name(after, after.name(), time));
        }
    }

    private static TenantDelta name(HubState owner, String name, long time) {
        return new TenantDelta(owner.target(), owner.tenant(), "", Amount.NONE, name, time);
    }
}
