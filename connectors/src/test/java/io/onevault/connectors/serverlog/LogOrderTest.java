package io.onevault.connectors.serverlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.serverlog.LogFiles.LogFile;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogOrderTest {

    private static final long SECOND = 1_000_000;

    private static final List<LogFile> WEEK =
            List.of(
                    new LogFile("mon.csv", 5, 10 * SECOND),
                    new LogFile("mon.json", 5, 10 * SECOND),
                    new LogFile("mon.log", 5, 10 * SECOND),
                    new LogFile("tue.csv", 5, 20 * SECOND),
                    new LogFile("fri.csv", 5, 30 * SECOND),
                    new LogFile("sat.csv", 5, 30 * SECOND),
                    new LogFile("thu.csv", 5, 2 * SECOND));

    @Test
    void filesFollowEachOtherByTheirLastModificationOfTheSameFormat() {
        assertThat(LogOrder.next("thu.csv", 0, "sat.csv", WEEK)).isEqualTo("mon.csv");
        assertThat(LogOrder.next("mon.csv", 0, "sat.csv", WEEK)).isEqualTo("tue.csv");
        assertThat(LogOrder.next("tue.csv", 0, "sat.csv", WEEK)).isEqualTo("fri.csv");
        assertThat(LogOrder.next("fri.csv", 0, "sat.csv", WEEK)).isEqualTo("sat.csv");
        assertThat(LogOrder.next("mon.json", 0, "new.json", WEEK)).isEqualTo("new.json");
    }

    @Test
    void afterAFileThatIsGoneComesTheOldestWrittenSinceWhatWasRead() {
        assertThat(LogOrder.next("gone.csv", 15_500, "sat.csv", WEEK)).isEqualTo("tue.csv");
        assertThat(LogOrder.next("gone.csv", 20_999, "sat.csv", WEEK)).isEqualTo("tue.csv");
        assertThat(LogOrder.next("gone.csv", 99_000, "sat.csv", WEEK)).isEqualTo("sat.csv");
    }
}
