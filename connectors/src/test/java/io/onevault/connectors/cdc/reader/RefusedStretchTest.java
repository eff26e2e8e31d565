package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RefusedStretchTest {

    private static final long T0 = 1_800_000_000_000L;
    private static final long MINUTE = 60_000;
    private static final SlotCheck.Refusal LOST = new SlotCheck.Refusal("SLOT_LOST", "why");

    private final RefusedStretch stretch = new RefusedStretch();

    @Test
    void isSaidEveryTenMinutesAsOneGapWhileItLasts() {
        int said = 0;
        for (long at = T0; at < T0 + 180 * MINUTE; at += MINUTE / 2) {
            // Where a server stands that was restored moves on while others write to it.
            if (stretch.seen(refusal("server at 0/%X", at), at)) {
                said++;
                assertThat(at - T0).isEqualTo((said - 1) * 10 * MINUTE);
            }
            assertThat(stretch.from()).isEqualTo(T0);
        }
        assertThat(said).isEqualTo(18);
    }

    private static SlotCheck.Refusal refusal(String detail, long at) {
        return new SlotCheck.Refusal("SERVER_BEHIND", detail.formatted(at & 0xFFFFFFF));
    }

    @Test
    void anotherReasonAndOneAfterItWentOnAreOthers() {
        assertThat(stretch.seen(LOST, T0)).isTrue();
        SlotCheck.Refusal missing = new SlotCheck.Refusal("SLOT_MISSING", "why");
        assertThat(stretch.seen(missing, T0 + 1)).isTrue();
        assertThat(stretch.from()).isEqualTo(T0 + 1);
        SlotCheck.Refusal made = new SlotCheck.Refusal("SLOT_MISSING", "made anew");
        assertThat(stretch.seen(made, T0 + 2)).as("of one reason, for another cause").isTrue();
        stretch.over();
        assertThat(stretch.seen(made, T0 + 3)).isTrue();
        assertThat(stretch.from()).isEqualTo(T0 + 3);
    }

    @Test
    void theSameLongAfterwardsOrOnAClockSetBackIsAnother() {
        assertThat(stretch.seen(LOST, T0)).isTrue();
        assertThat(stretch.seen(LOST, T0 + 60 * MINUTE)).isTrue();
        assertThat(stretch.from()).isEqualTo(T0 + 60 * MINUTE);
        assertThat(stretch.seen(LOST, T0)).isTrue();
        assertThat(stretch.from()).isEqualTo(T0);
    }
}
