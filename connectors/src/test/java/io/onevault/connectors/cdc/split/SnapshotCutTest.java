package io.onevault.connectors.cdc.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SnapshotCutTest {

    @Test
    void sawWhatWasNeitherInProgressNorLater() {
        SnapshotCut cut = new SnapshotCut("100:110:100,105", 1);
        assertThat(cut.saw(99)).isTrue();
        assertThat(cut.saw(100)).isFalse();
        assertThat(cut.saw(101)).isTrue();
        assertThat(cut.saw(105)).isFalse();
        assertThat(cut.saw(109)).isTrue();
        assertThat(cut.saw(110)).isFalse();
    }

    @Test
    void knowsTheEpochOfAnIdThatHas32Bits() {
        long epoch = 3L << 32;
        SnapshotCut cut = new SnapshotCut((epoch + 2) + ":" + (epoch + 4) + ":", 1);
        assertThat(cut.saw(0xFFFF_FFFFL)).as("the epoch before").isTrue();
        assertThat(cut.saw(3)).isTrue();
        assertThat(cut.saw(4)).isFalse();
        SnapshotCut late = new SnapshotCut((epoch - 3) + ":" + (epoch - 2) + ":", 1);
        assertThat(late.saw(1)).as("the epoch after").isFalse();
    }

    @Test
    void refusesWhatIsNoSnapshot() {
        assertThatThrownBy(() -> new SnapshotCut("1:2", 1)).hasMessageContaining("not a snapshot");
    }
}
