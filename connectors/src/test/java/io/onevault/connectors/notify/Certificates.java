package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A server's self-signed certificate, made by the JDK's keytool.
 *
 * @param server what a server presents it with
 * @param caFile PEM, for a client that is to trust it
 */
record Certificates(SSLContext server, String caFile) {

    private static final String PASSWORD = "changeit";

    /**
     * Makes one.
     *
     * @param names subject alternative names, such as {@code dns:localhost,ip:127.0.0.1}
     */
    static Certificates of(Path folder, String file, String names) throws Exception {
        Path store = folder.resolve(file + ".p12");
        Path pem = folder.resolve(file + ".pem");
        keytool(
                store,
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test",
                "-ext",
                "san=" + names);
        keytool(store, "-exportcert", "-rfc", "-alias", "server", "-file", pem.toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return new Certificates(context, pem.toString());
    }

    /** The server's side of TLS over a connection, whose handshake comes with the first byte. */
    SSLSocket secure(Socket socket) throws IOException {
        SSLSocket secured =
                (SSLSocket) server.getSocketFactory().createSocket(socket, null, -1, true);
        secured.setUseClientMode(false);
        return secured;
    }

    private static void keytool(Path store, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(Arrays.asList(arguments));
        command.addAll(
                List.of(
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD));
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
    }
}
