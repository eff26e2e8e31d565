package io.onevault.jobs.testing;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.subethamail.smtp.server.SMTPServer;

/** A mail server on loopback that takes everything and keeps it. */
public final class MailReceiver implements AutoCloseable {

    /**
     * What came.
     *
     * @param to of the envelope, the last one only: the server tells each recipient apart
     */
    public record Mail(String to, byte[] data) {

        /** As a mail program reads it. */
        public MimeMessage parsed() throws MessagingException {
            return new MimeMessage(
                    Session.getInstance(new Properties()), new ByteArrayInputStream(data));
        }

        public String subject() throws MessagingException {
            return String.valueOf(parsed().getSubject());
        }

        public Set<String> headers() throws MessagingException {
            return Collections.list(parsed().getAllHeaders()).stream()
                    .map(header -> header.getName())
                    .collect(Collectors.toSet());
        }

        /** A part's text: plain is the first one, HTML the second. */
        public String part(int which) throws MessagingException, IOException {
            MimeMultipart parts = (MimeMultipart) parsed().getContent();
            return String.valueOf(parts.getBodyPart(which).getContent());
        }
    }

    private final SMTPServer server;
    private final List<Mail> mails = new CopyOnWriteArrayList<>();

    private MailReceiver() {
        server =
                SMTPServer.port(0)
                        .bindAddress(InetAddress.getLoopbackAddress())
                        .messageHandler((context, from, to, data) -> mails.add(new Mail(to, data)))
                        .build();
    }

    public static MailReceiver start() {
        MailReceiver receiver = new MailReceiver();
        receiver.server.start();
        return receiver;
    }

    public int port() {
        return server.getPortAllocated();
    }

    /** In the order in which they came. */
    public List<Mail> mails() {
        return List.copyOf(mails);
    }

    @Override
    public void close() {
        server.stop();
    }
}
