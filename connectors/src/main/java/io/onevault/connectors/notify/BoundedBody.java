package io.onevault.connectors.notify;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Reads the beginning of a body and hangs up on the rest, so that an endless one costs neither
 * memory nor time. A body that breaks off counts as far as it came: the status line has already
 * said what matters.
 */
final class BoundedBody implements BodySubscriber<String> {

    static final int MOST_BYTES = 16 * 1024;

    private final CompletableFuture<String> body = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<String> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        Flow.Subscription source = subscription;
        synchronized (bytes) {
            for (ByteBuffer buffer : buffers) {
                byte[] part = new byte[Math.min(buffer.remaining(), MOST_BYTES - bytes.size())];
                buffer.get(part);
                bytes.write(part, 0, part.length);
            }
            if (bytes.size() < MOST_BYTES) {
                if (source != null) {
                    source.request(1);
                }
                return;
            }
        }
        if (source != null) {
            source.cancel();
        }
        body.complete(soFar());
    }

    @Override
    public void onError(Throwable failure) {
        body.complete(soFar());
    }

    @Override
    public void onComplete() {
        body.complete(soFar());
    }

    /** What has come. */
    String soFar() {
        synchronized (bytes) {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }
}
