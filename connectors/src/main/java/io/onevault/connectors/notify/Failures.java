package io.onevault.connectors.notify;

import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Judges what never became an answer. All of it may get better without us: a host comes back, a
 * certificate is renewed. Reasons are our own words, for messages of exceptions hold addresses, and
 * addresses may be secrets.
 */
final class Failures {

    private static final int DEEPEST = 10;
    private static final int LONGEST_CERTIFICATE_TEXT = 150;

    private Failures() {}

    static Outcome.TemporaryFailure judge(@Nullable Throwable failure, Duration timeout) {
        return new Outcome.TemporaryFailure(reason(failure, timeout), null);
    }

    private static String reason(@Nullable Throwable failure, Duration timeout) {
        Deque<Throwable> chain = new ArrayDeque<>();
        for (Throwable cause = failure;
                cause != null && chain.size() < DEEPEST;
                cause = cause.getCause()) {
            chain.push(cause);
        }
        // The innermost says most.
        for (Throwable cause : chain) {
            String reason = known(cause, timeout);
            if (reason != null) {
                return reason;
            }
        }
        return "the connection broke before an answer came";
    }

    private static @Nullable String known(Throwable cause, Duration timeout) {
        if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
            return "the host's name is not known";
        }
        if (cause instanceof CertificateException) {
            return "the receiver's certificate is not trusted: " + certificate(cause);
        }
        if (cause instanceof SSLException) {
            return "TLS could not be established: " + certificate(cause);
        }
        if (cause instanceof TimeoutException
                || cause instanceof SocketTimeoutException
                || cause instanceof HttpTimeoutException) {
            return "no answer within " + timeout.toMillis() + " ms";
        }
        if (cause instanceof ConnectException
                || cause instanceof NoRouteToHostException
                || cause instanceof PortUnreachableException) {
            return "the connection was refused";
        }
        return cause instanceof EOFException ? "the receiver hung up before it answered" : null;
    }

    private static String certificate(Throwable cause) {
        String message = cause.getMessage();
        return PlainText.line(message == null ? "no detail" : message, LONGEST_CERTIFICATE_TEXT);
    }
}
