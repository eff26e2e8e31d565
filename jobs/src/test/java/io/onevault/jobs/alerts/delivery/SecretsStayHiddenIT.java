package io.onevault.jobs.alerts.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.ChannelOptions.Security;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.notify.Notification;
import io.onevault.connectors.notify.Severity;
import io.onevault.connectors.notify.Status;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.HttpReceiver;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.subethamail.smtp.server.SMTPServer;

/** Receivers of every kind that fail and repeat what they were sent; no log and no row shows it. */
class SecretsStayHiddenIT {

    private static final String MARK = "S3cretZq9";
    private static final int TICKS_PER_SECOND = 20;
    private static final List<Integer> ANSWERS = List.of(401, 302, 500, 200);

    @TempDir static Path work;

    /** Everything that is logged while it runs. */
    private static final class Captured extends AbstractAppender {
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        Captured() {
            super("captured", null, null, true, Property.EMPTY_ARRAY);
        }

        @Override
        public void append(LogEvent event) {
            StringBuilder line = new StringBuilder(event.getMessage().getFormattedMessage());
            Throwable thrown = event.getThrown();
            if (thrown != null) {
                ByteArrayOutputStream trace = new ByteArrayOutputStream();
                thrown.printStackTrace(new PrintStream(trace, true, StandardCharsets.UTF_8));
                line.append(trace.toString(StandardCharsets.UTF_8));
            }
            lines.add(event.getLoggerName() + ": " + line);
        }
    }

    /** The same of the libraries that log by the JDK's means. */
    private static final class CapturedJdk extends Handler {
        private final Queue<String> lines;

        CapturedJdk(Queue<String> lines) {
            this.lines = lines;
        }

        @Override
        public void publish(LogRecord record) {
            lines.add(record.getLoggerName() + ": " + record.getMessage() + record.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void noSecretReachesALogOrARowWhateverReceiversDo() throws Exception {
        LoggerContext context = (LoggerContext) LogManager.getContext(false);
        LoggerConfig root = context.getConfiguration().getRootLogger();
        Level usual = root.getLevel();
        Captured captured = new Captured();
        captured.start();
        Logger jdk = Logger.getLogger("");
        // The HTTP client's own debug log, which nobody turns on by chance, shows addresses.
        Logger mails = Logger.getLogger("org.eclipse.angus.mail");
        java.util.logging.Level usualOfMails = mails.getLevel();
        CapturedJdk capturedJdk = new CapturedJdk(captured.lines);
        root.addAppender(captured, Level.ALL, null);
        Configurator.setRootLevel(Level.INFO);
        Configurator.setLevel("io.onevault", Level.ALL);
        jdk.addHandler(capturedJdk);
        mails.setLevel(java.util.logging.Level.ALL);
        SMTPServer mail = SMTPServer.port(0).messageHandler((c, from, to, data) -> {}).build();
        mail.start();
        try (TestVault vault = TestVault.start();
                HttpReceiver rude = new HttpReceiver(new Repeating());
                EchoingMailServer plain = new EchoingMailServer("PLAIN", 535);
                EchoingMailServer login = new EchoingMailServer("LOGIN", 454);
                ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                LocalFlink flink = LocalFlink.start(work)) {
            closed.close();
            List<ChannelOptions> channels =
                    channels(rude.port(), closed.getLocalPort(), mail.getPortAllocated());
            channels.add(mail("mail-plain", plain.port(), Security.NONE));
            channels.add(mail("mail-login", login.port(), Security.NONE));
            JobID job = flink.submit(topology(vault, channels));
            Until.holds(
                    "the end of all",
                    () ->
                            vault.texts(
                                            "SELECT count(DISTINCT notification_log_hk)::text FROM"
                                                    + " monitoring.notification_log_s WHERE"
                                                    + " delivery_status <> 'RETRYING'")
                                    .equals(List.of(channels.size() * ANSWERS.size() + "")));
            flink.cancel(job);

            List<String> rows = everyRow(vault);
            assertThat(rows).anyMatch(row -> row.contains("WEBHOOK") && row.contains("HTTP 401"));
            assertThat(rows).anyMatch(row -> row.contains("EMAIL") && row.contains("STARTTLS"));
            assertThat(rows).anyMatch(row -> row.contains("******"));
            assertThat(rows).anyMatch(row -> row.contains("refuses user or password: 535"));
            assertThat(rows).anyMatch(row -> row.contains("SMTP 454"));
            assertThat(plain.answers()).isNotEmpty().allMatch(said -> said.contains(MARK));
            assertThat(login.answers()).isNotEmpty().allMatch(said -> said.contains(MARK));
            assertHidden("rows", rows);
            LogManager.getLogger("io.onevault.last").info("the last line");
            assertThat(captured.lines).as("lines").hasSizeGreaterThan(20);
            assertThat(captured.lines).anyMatch(line -> line.contains("the last line"));
            assertHidden("log", captured.lines);
            assertThat(rude.keys()).as("they did get messages").hasSizeGreaterThan(10);
        } finally {
            root.removeAppender("captured");
            Configurator.setRootLevel(usual);
            Configurator.setLevel("io.onevault", usual);
            jdk.removeHandler(capturedJdk);
            mails.setLevel(usualOfMails);
            mail.stop();
        }
    }

    /** Repeats all it was sent in its answer, in headers and body. */
    private static final class Repeating implements HttpReceiver.Manners {
        @Override
        public HttpReceiver.Answer answer(String key, int times) {
            throw new IllegalStateException("it answers by what it was sent");
        }

        @Override
        public HttpReceiver.Answer answer(HttpReceiver.Sent sent, int times) {
            String said =
                    sent.path()
                            + ' '
                            + sent.headers().getOrDefault("Authorization", List.of())
                            + ' '
                            + sent.body();
            int status =
                    ANSWERS.stream()
                            .filter(code -> sent.holds("answer " + code))
                            .findAny()
                            .orElse(500);
            return new HttpReceiver.Answer(
                    status,
                    Map.of("Location", sent.path(), "X-Reason", MARK + "-echo"),
                    "{\"message\": \""
                            + said.replace('"', '\'')
                            + "\", \"sid\": \""
                            + MARK
                            + "-token-of-sms\", \"dedup_key\": \""
                            + MARK
                            + "-routing-key\"}");
        }
    }

    private static List<ChannelOptions> channels(int port, int closed, int mail) {
        List<ChannelOptions> channels = new ArrayList<>();
        for (String way : List.of("http://127.0.0.1:" + port, "http://127.0.0.1:" + closed)) {
            String name = channels.isEmpty() ? "rude-" : "closed-";
            channels.add(
                    new ChannelOptions.Webhook(
                            common(name + "hook"),
                            Secret.of(way + "/" + MARK + "-path?token=" + MARK + "-query"),
                            Secret.of(MARK + "-signing-0123456789abcdef"),
                            null));
            channels.add(
                    new ChannelOptions.Slack(
                            common(name + "slack"),
                            Secret.of(way + "/services/T000/B000/" + MARK + "-slack")));
            channels.add(
                    new ChannelOptions.PagerDuty(
                            common(name + "pager"),
                            Secret.of(MARK + "-routing-key"),
                            way + "/v2/enqueue"));
            channels.add(
                    new ChannelOptions.Sms(
                            common(name + "sms"),
                            "AC1",
                            Secret.of(MARK + "-token-of-sms"),
                            "+4915112345",
                            "+491701234567",
                            3,
                            way + "/"));
        }
        // TLS is asked of one that speaks none.
        channels.add(
                new ChannelOptions.Webhook(
                        common("tls-hook"),
                        Secret.of("https://127.0.0.1:" + port + "/" + MARK + "-tls"),
                        Secret.of(MARK + "-signing-0123456789abcdef"),
                        null));
        for (Security security : List.of(Security.STARTTLS, Security.TLS)) {
            channels.add(mail("mail-" + security.word(), mail, security));
        }
        return channels;
    }

    private static ChannelOptions mail(String name, int port, Security security) {
        return new ChannelOptions.Email(
                common(name),
                "127.0.0.1",
                port,
                security,
                "ours",
                Secret.of(MARK + "-password"),
                "ours@ours.example",
                List.of("a@example.org"),
                null);
    }

    private static Common common(String name) {
        return new Common(
                name,
                Duration.ofSeconds(2),
                new DeliveryPolicy(
                        2,
                        Duration.ofMinutes(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        1_000,
                        Duration.ofMillis(100),
                        6_000));
    }

    private static StreamExecutionEnvironment topology(
            TestVault vault, List<ChannelOptions> channels) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        env.setParallelism(2);
        env.enableCheckpointing(300);
        List<String> names = channels.stream().map(ChannelOptions::name).toList();
        DeliveryJob.defineWorkflow(
                env.fromSource(
                                new DataGeneratorSource<>(
                                        i -> i,
                                        Long.MAX_VALUE,
                                        RateLimiterStrategy.perSecond(TICKS_PER_SECOND),
                                        Types.LONG),
                                WatermarkStrategy.noWatermarks(),
                                "ticks")
                        .setParallelism(1)
                        .uid("ticks")
                        .<NotificationRequest>flatMap(
                                (tick, out) -> {
                                    if (tick < ANSWERS.size()) {
                                        int code = ANSWERS.get(tick.intValue());
                                        names.forEach(name -> out.collect(request(name, code)));
                                    }
                                })
                        .returns(TypeInformation.of(NotificationRequest.class))
                        .setParallelism(1)
                        .uid("requests"),
                channels,
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret"))));
        return env;
    }

    private static NotificationRequest request(String channel, int code) {
        String key = channel + "-" + code;
        return new NotificationRequest(
                channel,
                Notification.builder(key, "alert-" + key, Status.FIRING, Severity.CRITICAL)
                        .finding("rule", "answer " + code)
                        .where("shop", "acme", "connections", Map.of("database", "shop"))
                        .times(1_700_000_000_000_000L, 1_700_000_000_000_000L)
                        .build());
    }

    private static void assertHidden(String where, Iterable<String> texts) {
        List<String> forbidden = new ArrayList<>(List.of(MARK));
        // Whatever comes before it, base64 shows one of three forms.
        for (String before : List.of("", "x", "xx")) {
            String form =
                    Base64.getEncoder()
                            .encodeToString((before + MARK).getBytes(StandardCharsets.UTF_8));
            forbidden.add(form.substring(4, 12));
        }
        for (String text : texts) {
            for (String secret : forbidden) {
                assertThat(text.contains(secret)).as("%s: %s", where, text).isFalse();
            }
        }
    }

    /** Every row of every table there is, as text. */
    private static List<String> everyRow(TestVault vault) throws SQLException {
        List<String> rows = new ArrayList<>();
        for (String table :
                vault.texts(
                        "SELECT format('%I.%I', table_schema, table_name) FROM"
                                + " information_schema.tables WHERE table_type = 'BASE TABLE' AND"
                                + " table_schema NOT IN ('pg_catalog', 'information_schema')")) {
            rows.addAll(vault.texts("SELECT t::text FROM ONLY " + table + " t"));
        }
        return rows;
    }
}
