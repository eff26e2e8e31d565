package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages say what they have to, whatever the texts in them try. */
class TextsTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    static Stream<String> hostile() {
        return Sample.HOSTILE.stream();
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void aLineIsOneBoundedLineOfVisibleText(String text) {
        for (int limit : new int[] {1, 2, 40, 600}) {
            String line = PlainText.line(text, limit);

            assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(limit);
            assertThat(line.codePoints())
                    .allSatisfy(
                            point -> {
                                assertThat(Character.getType(point))
                                        .isNotIn(
                                                (int) Character.CONTROL,
                                                (int) Character.SURROGATE,
                                                (int) Character.FORMAT,
                                                (int) Character.LINE_SEPARATOR,
                                                (int) Character.PARAGRAPH_SEPARATOR);
                            });
        }
    }

    @Test
    void aLineKeepsWhatIsText() {
        assertThat(PlainText.line("  Größe\t日本語 \uD83D\uDC69\u200D\uD83D\uDCBB\nעברית ", 100))
                .isEqualTo("Größe 日本語 \uD83D\uDC69\u200D\uD83D\uDCBB עברית");
        assertThat(PlainText.line("a\u0000b\u202Ec", 100)).isEqualTo("a\uFFFDb\uFFFDc");
        assertThat(PlainText.line("abcdef", 6)).isEqualTo("abcdef");
        assertThat(PlainText.line("abcdefg", 6)).isEqualTo("abcde…");
        assertThat(PlainText.line("\uD83D\uDD25\uD83D\uDD25\uD83D\uDD25", 2))
                .isEqualTo("\uD83D\uDD25…");
    }

    @Test
    void aMessageSaysWhatWhereSinceWhenHowBadWhyAndWhatToDo() {
        MessageText text = MessageText.of(Sample.firing());

        assertThat(text.plain())
                .isEqualTo(
                        """
                        CRITICAL orders-db: 12 sessions wait for a lock on orders
                        What: 12 sessions wait for a lock on orders
                        Where: orders-db, tenant acme
                        Since: 2026-03-01 14:03:07 UTC (12 min)
                        How bad: CRITICAL, 12 sessions (limit 5)
                        Likely cause: pid 4711 (app billing) is idle in transaction and holds the lock
                        What to do: End pid 4711 or ask its owner
                        Also: latency p99 high; pool exhausted; and 2 more
                        Series: lock_waiters {database=orders, relation=public.orders}
                        Rule: blocked_sessions
                        https://grafana.example/d/locks?target=orders&x=1
                        """);
        assertThat(MessageText.of(Sample.of("k", Status.RESOLVED)).plain())
                .startsWith("RESOLVED orders-db: 12 sessions")
                .contains("(lasted 12 min)");
    }

    @ParameterizedTest
    @CsvSource({
        "12, 12",
        "0.5, 0.50",
        "99.876, 99.88",
        "1234.56, 1235",
        "0.00012, 1.20e-04",
        "-3, -3",
        "1e300, 1.00e+300",
        "NaN, not a number"
    })
    void figuresAreReadable(double value, String written) {
        assertThat(MessageText.number(value)).isEqualTo(written);
    }

    @ParameterizedTest
    @CsvSource({
        "javascript:alert(1)",
        "https://user:pw@example.org/",
        "https://example.org/a b",
        "file:///etc/passwd",
        "//example.org/x",
        "https:///x"
    })
    void whatIsNoPlainWebAddressIsNoLink(String link) {
        Notification notification =
                Sample.builder("k", Status.FIRING, Severity.INFO).advice("", "", link).build();

        assertThat(MessageText.of(notification).link()).isEmpty();
    }

    @Test
    void slackGetsHostileTextAsPlainTextWithinItsLimits() throws Exception {
        for (int seed = 0; seed < 60; seed++) {
            Notification notification = Sample.hostile(new Random(seed), Status.FIRING);
            JsonNode message =
                    JSON.readTree(SlackMessage.of(notification, MessageText.of(notification)));

            assertThat(message.get("mrkdwn").asBoolean(true)).isFalse();
            assertThat(message.get("blocks").size()).isLessThanOrEqualTo(50);
            for (JsonNode object : textObjects(message)) {
                String text = object.get("text").asText();
                assertThat(text.length()).isBetween(1, 3_000);
                if (object.get("type").asText().equals("plain_text")) {
                    assertThat(text).doesNotContain("<", ">");
                } else {
                    assertThat(text).startsWith("<").endsWith(">").containsOnlyOnce("<");
                }
            }
            JsonNode header = message.get("blocks").get(0).get("text").get("text");
            assertThat(header.asText().length()).isLessThanOrEqualTo(150);
            for (JsonNode block : message.get("blocks")) {
                if (block.has("fields")) {
                    assertThat(block.get("fields").size()).isBetween(1, 10);
                }
            }
        }
    }

    @Test
    void slackEntitiesAreNotCutInHalf() {
        assertThat(SlackMessage.escaped("a&b<c>", 100)).isEqualTo("a&amp;b&lt;c&gt;");
        assertThat(SlackMessage.escaped("&&&", 12)).isEqualTo("&amp;&amp;…");
        assertThat(SlackMessage.escaped("&&", 10)).isEqualTo("&amp;&amp;");
        assertThat(SlackMessage.escaped("abcdef", 4)).isEqualTo("abc…");
    }

    private static List<JsonNode> textObjects(JsonNode node) {
        List<JsonNode> found = new ArrayList<>();
        if (node.has("type") && node.path("text").isTextual()) {
            found.add(node);
        }
        node.forEach(child -> found.addAll(textObjects(child)));
        return found;
    }

    @Test
    void htmlShowsTextAsText() {
        assertThat(EmailMessage.escaped("<b onclick=\"x\">&'"))
                .isEqualTo("&lt;b onclick=&quot;x&quot;&gt;&amp;&#39;");
    }

    @Test
    void aTextMessageKeepsWithinItsSegments() {
        for (int seed = 0; seed < 60; seed++) {
            for (int segments = 1; segments <= 4; segments++) {
                MessageText text = MessageText.of(Sample.hostile(new Random(seed), Status.FIRING));
                String message = SmsText.of(text, segments);

                assertThat(SmsText.segments(message)).isLessThanOrEqualTo(segments);
                assertThat(message).isNotBlank();
            }
        }
    }

    @Test
    void aTextMessageSaysTheMostImportantFirstAndKeepsItsLink() {
        MessageText text = MessageText.of(Sample.firing());

        assertThat(SmsText.of(text, 1))
                .startsWith("CRITICAL orders-db: 12 sessions wait for a lock on orders\n")
                .endsWith("\nhttps://grafana.example/d/locks?target=orders&x=1")
                .doesNotContain("Cause");
        assertThat(SmsText.of(text, 3))
                .contains("\nSince 2026-03-01 14:03:07 UTC (12 min)\n")
                .contains("\nCause: pid 4711 (app billing) is idle")
                .contains("\nDo: End pid 4711");
    }

    @Test
    void charactersAreCountedAsTheNetworkCountsThem() {
        assertThat(SmsText.segments("a".repeat(160))).isEqualTo(1);
        assertThat(SmsText.segments("a".repeat(161))).isEqualTo(2);
        assertThat(SmsText.segments("a".repeat(306))).isEqualTo(2);
        assertThat(SmsText.segments("a".repeat(307))).isEqualTo(3);
        assertThat(SmsText.segments("€".repeat(80))).isEqualTo(1);
        assertThat(SmsText.segments("€".repeat(81))).isEqualTo(2);
        assertThat(SmsText.segments("日".repeat(70))).isEqualTo(1);
        assertThat(SmsText.segments("日".repeat(71))).isEqualTo(2);
        assertThat(SmsText.segments("\uD83D\uDD25".repeat(35))).isEqualTo(1);
        assertThat(SmsText.segments("\uD83D\uDD25".repeat(36))).isEqualTo(2);
        assertThat(GsmAlphabet.holds("Größe {10} £ ñ")).isTrue();
        assertThat(GsmAlphabet.holds("ł")).isFalse();
        assertThat(GsmAlphabet.near("a…b’c—d")).isEqualTo("a...b'c-d");
        assertThat(IntStream.range(0, 0x3000).filter(point -> GsmAlphabet.septets(point) == 1))
                .hasSize(127);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "7; 7",
                " 120 ; 120",
                "0; 0",
                "99999999999999999999; 2592000",
                "Sun, 01 Mar 2026 14:00:30 GMT; 30",
                "Sun, 01 Mar 2026 13:00:00 GMT; 0",
                "Sun, 01 Mar 2099 13:00:00 GMT; 2592000",
            })
    void retryAfterIsSecondsOrADate(String header, long seconds) {
        assertThat(RetryAfter.parse(header, Instant.parse("2026-03-01T14:00:00Z")))
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @CsvSource({"-1", "soon", "1.5", "''"})
    void aRetryAfterThatCannotBeReadIsNone(String header) {
        assertThat(RetryAfter.parse(header, Instant.EPOCH)).isNull();
    }

    @Test
    void keysFitEveryHeader() {
        assertThat(Keys.safe("alert/orders-db:1.2_3")).isEqualTo("alert/orders-db:1.2_3");
        assertThat(Keys.safe("a\r\nb")).matches("[0-9a-f]{64}");
        assertThat(Keys.safe("x".repeat(201))).matches("[0-9a-f]{64}");
        assertThat(Keys.safe("ä")).isNotEqualTo(Keys.safe("ö"));
    }
}
