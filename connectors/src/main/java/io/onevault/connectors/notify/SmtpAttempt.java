package io.onevault.connectors.notify;

import io.onevault.connectors.notify.ChannelOptions.Security;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Authenticator;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.URLName;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Date;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.eclipse.angus.mail.smtp.SMTPTransport;
import org.jspecify.annotations.Nullable;

/**
 * One mail over one connection. Blocks its thread until the server has answered or {@link #abort}
 * is called.
 *
 * <p>A reply of 4xx may be different later, 5xx will not (RFC 5321, 4.2.1); so a refused password
 * is final. Whatever happens before the server has judged the mail or the sender, such as a
 * certificate that is not trusted or TLS that is not offered, may be mended without us. A mail that
 * some of its addresses take has arrived.
 */
final class SmtpAttempt {

    /** More than certificates and replies need. */
    private static final long MOST_BYTES = 256 * 1024;

    private final ChannelOptions.Email options;
    private final SSLContext tls;
    private final Redactor redactor;
    private final GuardedSocket socket = new GuardedSocket(MOST_BYTES);

    SmtpAttempt(ChannelOptions.Email options, SSLContext tls) {
        this.options = options;
        this.tls = tls;
        this.redactor = new Redactor(options.password());
    }

    /** Ends the connection, now or as soon as there is one. */
    void abort() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more either way.
        }
    }

    /** Sends the mail. */
    Outcome send(Notification notification, MessageText text, Date now) {
        Session session = session();
        SMTPTransport transport =
                new SMTPTransport(
                        session,
                        new URLName("smtp", options.host(), options.port(), null, null, null));
        try {
            MimeMessage message = EmailMessage.of(session, options, notification, text, now);
            transport.connect(connected());
            transport.sendMessage(message, message.getAllRecipients());
            String reply = redactor.line(transport.getLastServerResponse());
            return new Outcome.Delivered(message.getMessageID(), reply);
        } catch (SendFailedException e) {
            return judge(e);
        } catch (MessagingException e) {
            return judge(e, transport.getLastReturnCode());
        } catch (IOException e) {
            return Failures.judge(e, options.timeout());
        } finally {
            try {
                transport.close();
            } catch (MessagingException e) {
                // The mail's fate is known; how the conversation ends does not change it.
            }
            abort();
        }
    }

    private Session session() {
        Properties properties = new Properties();
        String timeout = Long.toString(options.timeout().toMillis());
        properties.setProperty("mail.smtp.timeout", timeout);
        properties.setProperty("mail.smtp.sendpartial", "true");
        properties.setProperty("mail.smtp.quitwait", "false");
        // What this machine is called is nobody's business, and looking it up may take long.
        properties.setProperty("mail.smtp.localhost", "localhost");
        properties.put("mail.smtp.ssl.socketFactory", tls.getSocketFactory());
        boolean startTls = options.security() == Security.STARTTLS;
        properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(startTls));
        properties.setProperty("mail.smtp.starttls.required", Boolean.toString(startTls));
        if (options.user().isEmpty()) {
            return Session.getInstance(properties);
        }
        properties.setProperty("mail.smtp.auth", "true");
        properties.setProperty("mail.smtp.user", options.user());
        return Session.getInstance(
                properties,
                new Authenticator() {
                    @Override
                    protected PasswordAuthentication getPasswordAuthentication() {
                        return new PasswordAuthentication(
                                options.user(), options.password().reveal());
                    }
                });
    }

    private Socket connected() throws IOException {
        int millis = (int) options.timeout().toMillis();
        // The address keeps the name it was configured with, which the certificate must show.
        InetAddress found = InetAddress.getByName(options.host());
        InetAddress named = InetAddress.getByAddress(options.host(), found.getAddress());
        socket.setSoTimeout(millis);
        socket.connect(new InetSocketAddress(named, options.port()), millis);
        if (options.security() != Security.TLS) {
            return socket;
        }
        SSLSocket secured =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(socket, options.host(), options.port(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private Outcome judge(SendFailedException failure) {
        int sent = count(failure.getValidSentAddresses());
        if (sent > 0) {
            int refused =
                    count(failure.getInvalidAddresses()) + count(failure.getValidUnsentAddresses());
            return new Outcome.Delivered(
                    "", "%d of %d addresses were refused".formatted(refused, sent + refused));
        }
        int worst = 0;
        String said = "";
        for (Exception next = failure; next instanceof MessagingException one; ) {
            int code = code(one);
            // One that may work later is worth another attempt for all.
            if (isTemporary(code) || !isTemporary(worst) && code > worst) {
                worst = code;
                said = String.valueOf(one.getMessage());
            }
            next = one.getNextException();
        }
        return worst == 0 ? Failures.judge(failure, options.timeout()) : judge(worst, said);
    }

    private Outcome judge(MessagingException failure, int code) {
        String said = String.valueOf(failure.getMessage());
        if (failure instanceof AuthenticationFailedException) {
            return isTemporary(code)
                    ? judge(code, said)
                    : new Outcome.PermanentFailure(
                            "the mail server refuses user or password: " + redactor.line(said));
        }
        if (said.startsWith("STARTTLS is required")) {
            return new Outcome.TemporaryFailure(
                    "the mail server offers no STARTTLS, and mail is not sent without", null);
        }
        return code >= 400 ? judge(code, said) : Failures.judge(failure, options.timeout());
    }

    private Outcome judge(int code, String said) {
        String reason = "SMTP %d: %s".formatted(code, redactor.line(said));
        return isTemporary(code)
                ? new Outcome.TemporaryFailure(reason, null)
                : new Outcome.PermanentFailure(reason);
    }

    private static boolean isTemporary(int code) {
        return code >= 400 && code < 500;
    }

    private static int code(MessagingException failure) {
        if (failure instanceof SMTPAddressFailedException address) {
            return address.getReturnCode();
        }
        if (failure instanceof SMTPSenderFailedException sender) {
            return sender.getReturnCode();
        }
        return failure instanceof SMTPSendFailedException send ? send.getReturnCode() : 0;
    }

    private static int count(Object @Nullable [] addresses) {
        return addresses == null ? 0 : addresses.length;
    }
}
