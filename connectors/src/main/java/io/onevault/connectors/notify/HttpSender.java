package io.onevault.connectors.notify;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP request with an end: the whole exchange has one deadline, the answer is read only as far
 * as it is of use, and an answer whose status has come counts even when its body does not end.
 *
 * <p>Known limit: Java 17's client gives up on headers that do not end, but closes their connection
 * only when the receiver does. It reads no more of it.
 */
final class HttpSender {

    private final HttpClient client;
    private final Clock clock;

    HttpSender(HttpClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /** What has come of an answer. */
    private record Begun(HttpResponse.ResponseInfo info, BoundedBody body) {}

    /**
     * Sends {@code request} and judges the answer.
     *
     * @param judge of an answer; what never became one is judged here
     */
    CompletableFuture<DeliveryAttempt> send(
            Notification notification,
            ChannelOptions channel,
            HttpRequest request,
            String recipient,
            String content,
            Function<HttpReply, Outcome> judge) {
        long startedMicros = TimeUnit.MILLISECONDS.toMicros(clock.millis());
        long start = System.nanoTime();
        AtomicReference<@Nullable Begun> begun = new AtomicReference<>();
        CompletableFuture<HttpResponse<String>> exchange =
                client.sendAsync(
                        request,
                        info -> {
                            BoundedBody body = new BoundedBody();
                            begun.set(new Begun(info, body));
                            return body;
                        });
        Duration timeout = channel.timeout();
        return exchange.copy()
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .handle(
                        (response, failure) -> {
                            if (failure != null) {
                                // Closes the connection; the copy's end alone would not.
                                exchange.cancel(true);
                            }
                            Begun answer = begun.get();
                            Outcome outcome =
                                    answer == null
                                            ? Failures.judge(failure, timeout)
                                            : judge.apply(reply(answer));
                            return DeliveryAttempt.of(
                                    notification,
                                    channel,
                                    recipient,
                                    content,
                                    outcome,
                                    startedMicros,
                                    (System.nanoTime() - start) / 1e6);
                        });
    }

    private HttpReply reply(Begun answer) {
        Optional<String> header = answer.info().headers().firstValue("Retry-After");
        return new HttpReply(
                answer.info().statusCode(),
                header.map(value -> RetryAfter.parse(value, clock.instant())).orElse(null),
                answer.body().soFar());
    }
}
