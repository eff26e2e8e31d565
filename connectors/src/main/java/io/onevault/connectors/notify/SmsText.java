package io.onevault.connectors.notify;

/**
 * A notification as a text message of bounded cost: the headline, then since when, how bad, likely
 * cause and what to do as far as they fit, and the link whole or not at all.
 *
 * <p>A message holds 160 septets or 70 UTF-16 units; one that is joined from several holds 153 or
 * 67 in each. Twilio splits texts by the same rule.
 */
final class SmsText {

    private static final int SEPTETS_ALONE = 160;
    private static final int SEPTETS_JOINED = 153;
    private static final int UNITS_ALONE = 70;
    private static final int UNITS_JOINED = 67;
    private static final int SHORTEST_PART = 12;

    private SmsText() {}

    static String of(MessageText text, int maxSegments) {
        String[] parts = {
            "Since " + text.since(),
            text.figure().isEmpty() ? "" : text.figure(),
            text.cause().isEmpty() ? "" : "Cause: " + text.cause(),
            text.action().isEmpty() ? "" : "Do: " + text.action(),
            text.related().isEmpty() ? "" : "Also: " + String.join("; ", text.related())
        };
        String headline = GsmAlphabet.near(text.headline());
        StringBuilder all = new StringBuilder(headline).append(text.link());
        for (int i = 0; i < parts.length; i++) {
            parts[i] = GsmAlphabet.near(parts[i]);
            all.append(parts[i]);
        }
        boolean gsm = GsmAlphabet.holds(all.toString());
        int room = room(gsm, maxSegments);
        String link = text.link().isEmpty() ? "" : "\n" + text.link();
        int linkSize = size(link, gsm);
        // A link longer than half the message would leave nothing to read.
        if (linkSize > room / 2) {
            link = "";
            linkSize = 0;
        }
        StringBuilder message = new StringBuilder(cut(headline, room - linkSize, gsm));
        int left = room - linkSize - size(message, gsm);
        for (String part : parts) {
            if (part.isEmpty() || left <= SHORTEST_PART) {
                continue;
            }
            String line = "\n" + cut(part, left - 1, gsm);
            message.append(line);
            left -= size(line, gsm);
        }
        return message.append(link).toString();
    }

    /** Messages that {@code text} is sent as. */
    static int segments(String text) {
        boolean gsm = GsmAlphabet.holds(text);
        int size = size(text, gsm);
        int alone = gsm ? SEPTETS_ALONE : UNITS_ALONE;
        if (size <= alone) {
            return 1;
        }
        int joined = gsm ? SEPTETS_JOINED : UNITS_JOINED;
        return (size + joined - 1) / joined;
    }

    private static int room(boolean gsm, int segments) {
        if (segments == 1) {
            return gsm ? SEPTETS_ALONE : UNITS_ALONE;
        }
        // A character of two is not split over two messages, which may cost one in each.
        return segments * (gsm ? SEPTETS_JOINED - 1 : UNITS_JOINED - 1);
    }

    private static int size(CharSequence text, boolean gsm) {
        return gsm ? text.codePoints().map(GsmAlphabet::septets).sum() : text.length();
    }

    private static String cut(String text, int room, boolean gsm) {
        if (size(text, gsm) <= room) {
            return text;
        }
        String mark = gsm ? "..." : "…";
        int left = room - mark.length();
        StringBuilder cut = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            int size = gsm ? GsmAlphabet.septets(point) : Character.charCount(point);
            if (size > left) {
                break;
            }
            left -= size;
            cut.appendCodePoint(point);
            i += Character.charCount(point);
        }
        return cut.append(mark).toString();
    }
}
