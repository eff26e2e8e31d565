package io.onevault.connectors.notify;

import java.net.http.HttpClient;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The channels of a configuration with the threads and connections they share. Open one per task;
 * close it with the task, which ends mails under way as temporary failures; requests over HTTP run
 * into their timeout. Thread-safe.
 */
public final class Channels implements AutoCloseable {

    private static final int THREADS = 2;
    private static final int MOST_WAITING = 10_000;

    private final Map<String, Channel> channels = new LinkedHashMap<>();
    private final List<EmailChannel> mail = new ArrayList<>();
    private final ScheduledThreadPoolExecutor timer;
    private final ThreadPoolExecutor workers;

    private Channels() {
        timer = new ScheduledThreadPoolExecutor(1, Threads.named("onevault-notify-timer"));
        timer.setRemoveOnCancelPolicy(true);
        workers =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        10,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(MOST_WAITING),
                        Threads.named("onevault-notify"));
        workers.allowCoreThreadTimeOut(true);
    }

    /**
     * Opens channels; nothing is connected yet.
     *
     * @throws InvalidChannelException when two have one name or a {@code ca_file} is of no use
     */
    public static Channels open(List<? extends ChannelOptions> options, Clock clock) {
        Channels opened = new Channels();
        try {
            for (ChannelOptions one : options) {
                if (opened.channels.putIfAbsent(one.name(), opened.channel(one, clock)) != null) {
                    throw new InvalidChannelException(
                            one.name(),
                            "name",
                            "is that of another channel, too",
                            "give each a name of its own");
                }
            }
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private Channel channel(ChannelOptions options, Clock clock) {
        if (options instanceof ChannelOptions.Email email) {
            EmailChannel channel = new EmailChannel(email, clock, timer);
            mail.add(channel);
            return channel;
        }
        if (options instanceof ChannelOptions.Slack slack) {
            return new SlackChannel(slack, sender(options, null, clock));
        }
        if (options instanceof ChannelOptions.PagerDuty pagerDuty) {
            return new PagerDutyChannel(pagerDuty, sender(options, null, clock));
        }
        if (options instanceof ChannelOptions.Sms sms) {
            return new SmsChannel(sms, sender(options, null, clock));
        }
        ChannelOptions.Webhook webhook = (ChannelOptions.Webhook) options;
        return new WebhookChannel(webhook, sender(options, webhook.caFile(), clock), clock);
    }

    private HttpSender sender(ChannelOptions options, @Nullable String caFile, Clock clock) {
        HttpClient.Builder client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(options.timeout())
                        .executor(workers);
        if (caFile != null) {
            client.sslContext(Tls.trusting(options.name(), caFile));
        }
        return new HttpSender(client.build(), clock);
    }

    /** What they are called. */
    public Set<String> names() {
        return Set.copyOf(channels.keySet());
    }

    /** The channel of a name; null when there is none. */
    public @Nullable Channel find(String name) {
        return channels.get(name);
    }

    /**
     * Makes one attempt through the channel of a name.
     *
     * @throws IllegalArgumentException when there is none
     */
    public CompletableFuture<DeliveryAttempt> send(String name, Notification notification) {
        Channel channel = channels.get(name);
        if (channel == null) {
            throw new IllegalArgumentException("there is no channel of that name");
        }
        return channel.send(notification);
    }

    @Override
    public void close() {
        mail.forEach(EmailChannel::close);
        timer.shutdownNow();
        workers.shutdownNow();
    }
}
