package io.onevault.jobs.alerts.delivery;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.DeliveryAttempt;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.notify.DeliveryPolicy.Admission;
import io.onevault.connectors.notify.DeliveryPolicy.Decision;
import io.onevault.connectors.notify.Notification;
import io.onevault.connectors.notify.Outcome;
import io.onevault.connectors.notify.ReceiverState;
import io.onevault.connectors.notify.Status;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Sends notifications, keyed by channel, and tells of each attempt; the last record of a
 * notification is terminal.
 *
 * <p><b>At least once.</b> A notification is in keyed state until it has ended, and every attempt
 * at it bears its idempotency key. An attempt does not wait for a checkpoint, for people wait for
 * it; so a restart repeats, once and with the same key, what was sent since the last completed
 * checkpoint. There is at most one attempt at a time in a channel.
 *
 * <p><b>Order.</b> The notifications of one alert go out as they came: the next one has its turn
 * when the one before has ended. Those that nobody has tried yet when the alert's end comes are
 * dropped, for the news is over. The end itself is always sent: a failed attempt may have arrived,
 * and who never heard of the alert learns what he missed.
 *
 * <p><b>One end.</b> What the run before a restart may have sent is not dropped but sent, with its
 * key: its receiver may have it, and the log may say so. That is all that was pending in the state,
 * whether that knows of an attempt or not, and what comes anew about alerts that began before this
 * run, or a minute into it, for clocks differ.
 *
 * <p>Neither Flink's asynchronous functions nor its asynchronous sink would do: the first keep an
 * element's place, its timeout and its retries in memory, start all over after a restart, and a
 * receiver that is away for an hour fills their queue, which then blocks every channel and the
 * checkpoint's barriers; the second has no backoff. Here nothing waits: an attempt is a future that
 * a processing-time timer looks at, retries are timers, and what is pending is state.
 *
 * <p>State is cleared when the last notification has ended and, a minute later or when its pause is
 * over, what was remembered of the receiver.
 */
final class DeliverNotifications
        extends KeyedProcessFunction<String, NotificationRequest, DeliveryRecord>
        implements CheckpointedFunction {

    private static final long serialVersionUID = 1L;

    private static final String LOST =
            "the job was restarted before the outcome was known; it is sent again with the same"
                    + " key";
    private static final String LOST_AND_OLD =
            "the job was restarted before the outcome was known, and it is too old to be sent"
                    + " again";
    private static final String OVER = "the alert was over before this could be sent";

    /** A minute always refills the allowance of a receiver. */
    private static final long REFILL_MICROS = TimeUnit.MINUTES.toMicros(1);

    /** How much the clocks of servers and of this machine may differ. */
    private static final long SKEW_MICROS = TimeUnit.MINUTES.toMicros(1);

    /** How much later than its timeout an attempt is given up by us. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** What a receiver near by takes; a thousand messages wait a thousand times for it. */
    private static final long SHORTEST_STEP_MILLIS = 1;

    private static final long LONGEST_STEP_MILLIS = 100;

    private final List<ChannelOptions> channels;
    private final NotificationSenders senders;

    private transient MapState<String, PendingNotification> pending;
    private transient ValueState<ReceiverState> receiver;
    private transient Map<String, ChannelOptions> byName;
    private transient Map<String, OpenChannel> open;
    private transient NotificationSender sender;

    /**
     * Since when this run has been going on, as far as a message or a checkpoint says; 0 before.
     */
    private transient long begunMicros;

    DeliverNotifications(List<ChannelOptions> channels, NotificationSenders senders) {
        this.channels = List.copyOf(channels);
        this.senders = senders;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        begunMicros = 0;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        if (begunMicros == 0) {
            begunMicros = TimeUnit.MILLISECONDS.toMicros(context.getCheckpointTimestamp());
        }
    }

    @Override
    public void open(OpenContext context) {
        byName = new HashMap<>();
        channels.forEach(channel -> byName.put(channel.name(), channel));
        open = new HashMap<>();
        pending =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "pending",
                                        Types.STRING,
                                        TypeInformation.of(PendingNotification.class)));
        receiver =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "receiver", TypeInformation.of(ReceiverState.class)));
        sender = senders.open(channels);
        getRuntimeContext().getMetricGroup().gauge("notificationsPending", this::waiting);
    }

    /** Notifications of the channels this task has looked at that have not ended. */
    int waiting() {
        return List.copyOf(open.values()).stream().mapToInt(one -> one.queue().size()).sum();
    }

    @Override
    public void processElement(
            NotificationRequest request, Context context, Collector<DeliveryRecord> out)
            throws Exception {
        String name = context.getCurrentKey();
        TimerService timers = context.timerService();
        long now = TimeUnit.MILLISECONDS.toMicros(timers.currentProcessingTime());
        Notification notification = request.notification();
        ChannelOptions options = byName.get(name);
        if (options == null) {
            out.collect(
                    DeliveryRecords.unroutable(
                            PendingNotification.arrived(notification, 0, now), name, now));
            return;
        }
        OpenChannel channel = channel(options, now, out);
        ChannelQueue queue = channel.queue();
        if (queue.contains(notification.idempotencyKey())) {
            return;
        }
        if (notification.state() == Status.RESOLVED) {
            for (String key : queue.untried(notification.matterKey())) {
                end(options, queue, key, DeliveryState.DROPPED, OVER, now, out);
            }
        }
        PendingNotification arrived =
                PendingNotification.arrived(notification, queue.nextOrder(), now);
        pending.put(arrived.key(), arrived);
        queue.add(arrived, isNew(notification, now));
        turn(options, channel, timers, out);
    }

    /** Whether it is about an alert of which the run before cannot have known. */
    private boolean isNew(Notification notification, long now) {
        return Math.min(now, notification.sinceMicros()) > begunMicros + SKEW_MICROS;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<DeliveryRecord> out)
            throws Exception {
        String name = context.getCurrentKey();
        TimerService timers = context.timerService();
        long now = TimeUnit.MILLISECONDS.toMicros(timers.currentProcessingTime());
        ChannelOptions options = byName.get(name);
        if (options == null) {
            abandon(name, now, out);
            return;
        }
        OpenChannel channel = channel(options, now, out);
        if (channel.timer() <= timestamp) {
            channel.timer(0);
        }
        turn(options, channel, timers, out);
    }

    /** The configuration of before a restart had a channel that this one has not. */
    private void abandon(String name, long now, Collector<DeliveryRecord> out) throws Exception {
        for (PendingNotification one : pending.values()) {
            out.collect(DeliveryRecords.unroutable(one, name, now));
        }
        pending.clear();
        receiver.clear();
    }

    /**
     * The channel's index; after a restart it is built anew, and what was under way has its turn
     * again.
     */
    private OpenChannel channel(ChannelOptions options, long now, Collector<DeliveryRecord> out)
            throws Exception {
        OpenChannel known = open.get(options.name());
        if (known != null) {
            return known;
        }
        if (begunMicros == 0) {
            begunMicros = now;
        }
        Map<String, PendingNotification> kept = new LinkedHashMap<>();
        for (PendingNotification one : pending.values()) {
            kept.put(one.key(), one);
        }
        for (PendingNotification one : List.copyOf(kept.values())) {
            if (one.underWay() && options.policy().isExpired(one.requestedAtMicros(), now)) {
                // Of two rows of one moment the vault could not tell which is the last.
                tell(options, one, DeliveryState.EXPIRED, LOST_AND_OLD, now, out);
                pending.remove(one.key());
                kept.remove(one.key());
            } else if (one.underWay()) {
                tell(options, one, DeliveryState.RETRYING, LOST, now, out);
                PendingNotification again = one.again(one.dueMicros(), LOST);
                pending.put(again.key(), again);
                kept.put(again.key(), again);
            }
        }
        OpenChannel channel = new OpenChannel(kept.values());
        open.put(options.name(), channel);
        return channel;
    }

    /** Does what can be done now, and sees to it that the channel is looked at again. */
    private void turn(
            ChannelOptions options,
            OpenChannel channel,
            TimerService timers,
            Collector<DeliveryRecord> out)
            throws Exception {
        long millis = timers.currentProcessingTime();
        long now = TimeUnit.MILLISECONDS.toMicros(millis);
        settle(options, channel, now, out);
        expire(options, channel, now, out);
        long admitted = begin(options, channel, millis);
        schedule(channel, wakeMillis(options, channel, admitted, millis), timers);
        if (channel.queue().isEmpty() && receiver.value() == null) {
            open.remove(options.name());
        }
    }

    /** Judges an attempt that has come to an end. */
    private void settle(
            ChannelOptions options, OpenChannel channel, long now, Collector<DeliveryRecord> out)
            throws Exception {
        OpenChannel.Attempt underWay = channel.underWay();
        if (underWay == null || !underWay.outcome().isDone()) {
            return;
        }
        channel.underWay(null);
        DeliveryAttempt attempt = underWay.outcome().join();
        Outcome outcome = attempt.outcome();
        DeliveryPolicy policy = options.policy();
        receiver.update(policy.after(receiverState(), outcome, now));
        PendingNotification one = pending.get(underWay.key());
        Decision decision =
                policy.next(
                        one.attempts(),
                        one.requestedAtMicros(),
                        now,
                        outcome,
                        ThreadLocalRandom.current().nextDouble());
        if (decision instanceof Decision.RetryAt retry) {
            PendingNotification again = one.again(retry.atMicros(), attempt.reason());
            pending.put(again.key(), again);
            channel.queue().update(again);
            out.collect(DeliveryRecords.of(one, attempt, DeliveryState.RETRYING, attempt.reason()));
            return;
        }
        remove(channel.queue(), one.key());
        if (decision instanceof Decision.GiveUp giveUp) {
            boolean aged =
                    outcome instanceof Outcome.TemporaryFailure
                            && one.attempts() < policy.maxAttempts();
            DeliveryState state = aged ? DeliveryState.EXPIRED : DeliveryState.FAILED;
            out.collect(DeliveryRecords.of(one, attempt, state, giveUp.reason()));
        } else {
            out.collect(
                    DeliveryRecords.of(one, attempt, DeliveryState.DELIVERED, attempt.reason()));
        }
    }

    /** Ends what has grown too old while it waited; they came in the order of their age. */
    private void expire(
            ChannelOptions options, OpenChannel channel, long now, Collector<DeliveryRecord> out)
            throws Exception {
        ChannelQueue queue = channel.queue();
        String oldest = queue.oldest();
        while (oldest != null
                && !channel.isUnderWay(oldest)
                && options.policy().isExpired(queue.oldestSinceMicros(), now)) {
            String last = pending.get(oldest).lastReason();
            String reason =
                    "it could not be sent within "
                            + options.policy().maxAge()
                            + (last.isEmpty()
                                    ? ": the receiver was paused or its rate limit reached"
                                    : "; the last attempt: " + last);
            end(options, queue, oldest, DeliveryState.EXPIRED, reason, now, out);
            oldest = queue.oldest();
        }
    }

    /**
     * Begins the next attempt unless there is one, none is due, or the receiver is to be spared.
     *
     * @return when the receiver may be sent to, microseconds; 0 when it is not known to be spared
     */
    private long begin(ChannelOptions options, OpenChannel channel, long millis) throws Exception {
        long now = TimeUnit.MILLISECONDS.toMicros(millis);
        ChannelQueue queue = channel.queue();
        String next = queue.next();
        if (channel.underWay() != null || next == null || queue.nextDueMicros() > now) {
            return 0;
        }
        Admission admission = options.policy().admit(receiverState(), now);
        if (admission instanceof Admission.Go go) {
            receiver.update(go.state());
            PendingNotification begun = pending.get(next).begun();
            pending.put(next, begun);
            queue.update(begun);
            channel.underWay(new OpenChannel.Attempt(next, millis, attempt(options, begun, now)));
            return 0;
        }
        return ((Admission.Wait) admission).untilMicros();
    }

    /** Whatever happens there is an outcome, or the channel would stand still. */
    private CompletableFuture<DeliveryAttempt> attempt(
            ChannelOptions options, PendingNotification one, long now) {
        try {
            return sender.send(options.name(), one.notification())
                    .exceptionally(e -> failed(options, one, now, "it broke off", 0))
                    .completeOnTimeout(
                            failed(
                                    options,
                                    one,
                                    now,
                                    "it did not end",
                                    options.timeout().toMillis()),
                            options.timeout().plus(GRACE).toMillis(),
                            TimeUnit.MILLISECONDS);
        } catch (RuntimeException e) {
            String kind = e.getClass().getSimpleName();
            return CompletableFuture.completedFuture(failed(options, one, now, kind, 0));
        }
    }

    /** Without the exception's text, which may hold a secret. */
    private static DeliveryAttempt failed(
            ChannelOptions options,
            PendingNotification one,
            long now,
            String how,
            double durationMillis) {
        return new DeliveryAttempt(
                one.key(),
                options.name(),
                options.type(),
                "",
                "",
                "TEMPORARY_FAILURE",
                "the attempt failed by an error of this program: " + how,
                "",
                null,
                now,
                durationMillis);
    }

    private long wakeMillis(
            ChannelOptions options, OpenChannel channel, long admittedMicros, long millis)
            throws Exception {
        OpenChannel.Attempt underWay = channel.underWay();
        if (underWay != null) {
            // The longer it takes, the less a moment more matters.
            long step = (millis - underWay.startedMillis()) / 2;
            return millis + Math.min(LONGEST_STEP_MILLIS, Math.max(SHORTEST_STEP_MILLIS, step));
        }
        ChannelQueue queue = channel.queue();
        if (!queue.isEmpty()) {
            long due = Math.max(queue.nextDueMicros(), admittedMicros);
            long age = TimeUnit.MILLISECONDS.toMicros(options.policy().maxAge().toMillis());
            return millisAfter(Math.min(due, queue.oldestSinceMicros() + age));
        }
        ReceiverState state = receiver.value();
        if (state == null) {
            return 0;
        }
        long forget = Math.max(state.pausedUntilMicros(), state.countedMicros() + REFILL_MICROS);
        if (forget <= TimeUnit.MILLISECONDS.toMicros(millis)) {
            receiver.clear();
            return 0;
        }
        return millisAfter(forget);
    }

    private static long millisAfter(long micros) {
        return TimeUnit.MICROSECONDS.toMillis(micros) + 1;
    }

    /** One timer for a channel, moved when it is to be looked at earlier or later. */
    private static void schedule(OpenChannel channel, long wake, TimerService timers) {
        if (wake == channel.timer()) {
            return;
        }
        if (channel.timer() != 0) {
            timers.deleteProcessingTimeTimer(channel.timer());
        }
        if (wake != 0) {
            timers.registerProcessingTimeTimer(wake);
        }
        channel.timer(wake);
    }

    private ReceiverState receiverState() throws Exception {
        @Nullable ReceiverState known = receiver.value();
        return known == null ? ReceiverState.FRESH : known;
    }

    private void end(
            ChannelOptions options,
            ChannelQueue queue,
            String key,
            DeliveryState state,
            String reason,
            long now,
            Collector<DeliveryRecord> out)
            throws Exception {
        tell(options, pending.get(key), state, reason, now, out);
        remove(queue, key);
    }

    private void remove(ChannelQueue queue, String key) throws Exception {
        pending.remove(key);
        queue.remove(key);
    }

    private static void tell(
            ChannelOptions options,
            PendingNotification one,
            DeliveryState state,
            String reason,
            long now,
            Collector<DeliveryRecord> out) {
        out.collect(DeliveryRecords.of(one, options.name(), options.type(), state, reason, now));
    }

    @Override
    public void close() {
        if (sender != null) {
            sender.close();
        }
    }
}
