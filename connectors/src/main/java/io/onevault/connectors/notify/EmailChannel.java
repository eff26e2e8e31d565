package io.onevault.connectors.notify;

import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;

/**
 * Sends mail over SMTP. The mail library blocks, so mails are sent by a few threads with a bounded
 * queue; a timeout counts from the call on, waiting included, and ends the connection.
 */
final class EmailChannel implements Channel, AutoCloseable {

    private static final int THREADS = 2;
    private static final int MOST_WAITING = 1_000;

    private final ChannelOptions.Email options;
    private final Clock clock;
    private final ScheduledExecutorService timer;
    private final SSLContext tls;
    private final ThreadPoolExecutor workers;
    private final Map<CompletableFuture<Outcome>, SmtpAttempt> open = new ConcurrentHashMap<>();

    /**
     * @param timer that ends attempts; it stays the caller's
     */
    EmailChannel(ChannelOptions.Email options, Clock clock, ScheduledExecutorService timer) {
        this.options = options;
        this.clock = clock;
        this.timer = timer;
        this.tls = Tls.trusting(options.name(), options.caFile());
        this.workers =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        10,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(MOST_WAITING),
                        Threads.named("onevault-mail-" + options.name()));
        workers.allowCoreThreadTimeOut(true);
    }

    @Override
    public ChannelOptions options() {
        return options;
    }

    @Override
    public CompletableFuture<DeliveryAttempt> send(Notification notification) {
        long startedMicros = TimeUnit.MILLISECONDS.toMicros(clock.millis());
        long start = System.nanoTime();
        MessageText text = MessageText.of(notification);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        SmtpAttempt attempt = new SmtpAttempt(options, tls);
        open.put(outcome, attempt);
        Duration timeout = options.timeout();
        try {
            ScheduledFuture<?> end =
                    timer.schedule(
                            () -> {
                                String reason = "no answer within " + timeout.toMillis() + " ms";
                                outcome.complete(new Outcome.TemporaryFailure(reason, null));
                                attempt.abort();
                            },
                            timeout.toMillis(),
                            TimeUnit.MILLISECONDS);
            long latest = start + timeout.toNanos() / 2;
            workers.execute(() -> run(attempt, notification, text, outcome, end, latest));
        } catch (RejectedExecutionException e) {
            outcome.complete(
                    new Outcome.TemporaryFailure(
                            "too many mails are waiting for this server", null));
        }
        return outcome.thenApply(
                result -> {
                    open.remove(outcome);
                    return DeliveryAttempt.of(
                            notification,
                            options,
                            String.join(", ", options.to()),
                            text.plain(),
                            result,
                            startedMicros,
                            (System.nanoTime() - start) / 1e6);
                });
    }

    private void run(
            SmtpAttempt attempt,
            Notification notification,
            MessageText text,
            CompletableFuture<Outcome> outcome,
            ScheduledFuture<?> end,
            long latest) {
        try {
            // Too little time is left: it would be broken off, perhaps after the mail had gone.
            if (System.nanoTime() - latest > 0) {
                outcome.complete(
                        new Outcome.TemporaryFailure(
                                "earlier mails to this server take too long", null));
                return;
            }
            outcome.complete(attempt.send(notification, text, Date.from(clock.instant())));
        } catch (RuntimeException e) {
            outcome.complete(
                    new Outcome.TemporaryFailure(
                            "the mail could not be made: " + e.getClass().getSimpleName(), null));
        } finally {
            end.cancel(false);
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
        open.forEach(
                (outcome, attempt) -> {
                    outcome.complete(new Outcome.TemporaryFailure("the channel was closed", null));
                    attempt.abort();
                });
    }
}
