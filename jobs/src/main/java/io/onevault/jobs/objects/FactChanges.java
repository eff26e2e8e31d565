package io.onevault.jobs.objects;

import io.onevault.connectors.model.Fact;
import io.onevault.connectors.model.PollResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Passes on a fact when it is new, when its attributes changed and when it is gone, in the order of
 * the server's clock; keyed by target and poll.
 *
 * <p>A run of a poll lists all its facts, so what it does not list is gone: that is a fact with the
 * attribute {@value #GONE}. A poll that lists only the first by some rank says nothing of what it
 * does not list. An attribute that is absent is unknown and keeps its last value. State is the
 * latest list of each poll, cleared when the poll has been silent for {@link #EXPIRY}.
 *
 * <p>How a complete list differs from the one before goes to {@link #LISTS}. After a restart that
 * is the one of the checkpoint; without state the first list is no change.
 */
public final class FactChanges extends KeyedProcessFunction<String, PollResult, Fact> {

    private static final long serialVersionUID = 1L;

    /** The only attribute of something that is no longer there. */
    public static final String GONE = "gone";

    /** How lists differ from those before them. */
    public static final OutputTag<ListChange> LISTS =
            new OutputTag<>("list-changes", TypeInformation.of(ListChange.class));

    static final Duration EXPIRY = Duration.ofDays(7);

    private final Set<String> rankedPolls;

    private transient MapState<String, Fact> known;
    private transient ValueState<Long> latest;

    /**
     * @param rankedPolls names of the polls that list only the first of their facts by some rank
     */
    public FactChanges(Set<String> rankedPolls) {
        this.rankedPolls = Set.copyOf(rankedPolls);
    }

    @Override
    public void open(OpenContext context) {
        known =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "known-facts",
                                        Types.STRING,
                                        TypeInformation.of(Fact.class)));
        latest = getRuntimeContext().getState(new ValueStateDescriptor<>("latest", Types.LONG));
    }

    @Override
    public void processElement(PollResult result, Context context, Collector<Fact> out)
            throws Exception {
        Long previous = latest.value();
        if (result.gap() != null || (previous != null && result.timestamp() <= previous)) {
            return;
        }
        latest.update(result.timestamp());
        context.timerService().registerEventTimeTimer(result.timestamp() + EXPIRY.toMillis());
        Set<String> listed = new HashSet<>();
        List<FactChange> changes = new ArrayList<>();
        for (Fact fact : result.facts()) {
            String key = fact.kind() + '\n' + fact.key();
            listed.add(key);
            Fact before = known.get(key);
            Fact now = before == null ? fact : completed(fact, before);
            if (before == null || !before.attributes().equals(now.attributes())) {
                known.put(key, now);
                out.collect(now);
                changes.add(
                        new FactChange(
                                fact.key(),
                                before == null ? Map.of() : before.attributes(),
                                now.attributes()));
            }
        }
        if (rankedPolls.contains(result.poll())) {
            return;
        }
        reportGone(listed, result.timestamp(), changes, out);
        if (previous != null && !changes.isEmpty()) {
            context.output(
                    LISTS,
                    new ListChange(result.target(), result.poll(), result.timestamp(), changes));
        }
    }

    private static Fact completed(Fact fact, Fact before) {
        if (fact.attributes().keySet().containsAll(before.attributes().keySet())) {
            return fact;
        }
        Map<String, String> attributes = new HashMap<>(before.attributes());
        attributes.putAll(fact.attributes());
        return new Fact(fact.target(), fact.kind(), fact.key(), attributes, fact.timestamp());
    }

    private void reportGone(
            Set<String> listed, long timestamp, List<FactChange> changes, Collector<Fact> out)
            throws Exception {
        List<String> gone = new ArrayList<>();
        for (String key : known.keys()) {
            if (!listed.contains(key)) {
                gone.add(key);
            }
        }
        for (String key : gone) {
            Fact before = known.get(key);
            known.remove(key);
            changes.add(new FactChange(before.key(), before.attributes(), Map.of()));
            out.collect(
                    new Fact(
                            before.target(),
                            before.kind(),
                            before.key(),
                            Map.of(GONE, "true"),
                            timestamp));
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Fact> out)
            throws Exception {
        Long last = latest.value();
        if (last != null && last + EXPIRY.toMillis() <= timestamp) {
            known.clear();
            latest.clear();
        }
    }
}
