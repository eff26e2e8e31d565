package io.onevault.connectors.notify;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whom to trust: the Java platform's authorities, or those of a file. */
final class Tls {

    private Tls() {}

    /**
     * A context that trusts the authorities in {@code caFile}.
     *
     * @param caFile PEM; null for the platform's
     * @throws InvalidChannelException when the file is of no use
     */
    static SSLContext trusting(String channel, @Nullable String caFile) {
        try {
            if (caFile == null) {
                return SSLContext.getDefault();
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int count = 0;
            for (Certificate certificate : certificates(Path.of(caFile))) {
                store.setCertificateEntry("ca" + count++, certificate);
            }
            if (count == 0) {
                throw unusable(channel, null);
            }
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException | InvalidPathException e) {
            throw unusable(channel, e);
        }
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws GeneralSecurityException, IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }

    private static InvalidChannelException unusable(String channel, @Nullable Exception cause) {
        InvalidChannelException problem =
                new InvalidChannelException(
                        channel, "ca_file", "cannot be read", "name a PEM file of certificates");
        problem.initCause(cause);
        return problem;
    }
}
