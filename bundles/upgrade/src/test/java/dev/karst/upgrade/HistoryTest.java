// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.admin.Upgrades.Entry;
import dev.karst.admin.Upgrades.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
    @TempDir Path dir;

    private Path file() {
        return dir.resolve("data/history.properties");
    }

    private static History.Line line(int n, Result result, int rollbackOf) {
        Entry e =
                new Entry(
                        n,
                        Instant.ofEpochSecond(n),
                        "dev.karst.transport.tcp",
                        "dev.karst.transport.tcp 1." + n,
                        "dev.karst.transport.tcp 2." + n,
                        result,
                        "because: 50 % = half\nof it ä",
                        Duration.ofMillis(1234),
                        n % 2 == 0 ? Optional.empty() : Optional.of("mvn:a/b/1"));
        return new History.Line(e, "karst-transport-tcp", "1." + n, "mvn:a/f/1/xml", rollbackOf);
    }

    @Test
    void isReadAsItWasWritten() throws IOException {
        History h = new History(file());
        assertEquals(1, h.next());
        h.add(line(1, Result.DONE, 0));
        h.add(line(2, Result.ROLLED_BACK, 0));
        History again = new History(file());
        assertEquals(h.lines(), again.lines());
        assertEquals(3, again.next());
        assertEquals(Optional.of(line(2, Result.ROLLED_BACK, 0)), again.line(2));
    }

    @Test
    void keepsTheLastHundred() throws IOException {
        History h = new History(file());
        for (int i = 1; i <= 130; i++) {
            h.add(line(i, Result.DONE, 0));
        }
        assertEquals(100, new History(file()).lines().size());
        assertEquals(131, new History(file()).next());
    }

    @Test
    void theLastThatBroughtSomethingIsTakenBackOnce() throws IOException {
        History h = new History(file());
        assertTrue(h.last().isEmpty());
        h.add(line(1, Result.DONE, 0));
        h.add(line(2, Result.DONE, 0));
        h.add(line(3, Result.ROLLED_BACK, 0));
        assertEquals(2, h.last().orElseThrow().entry().number());
        h.add(line(4, Result.ROLLED_BACK, 2)); // it failed to take it back
        assertEquals(2, h.last().orElseThrow().entry().number());
        h.add(line(5, Result.DONE, 2));
        assertEquals(1, h.last().orElseThrow().entry().number());
    }

    @Test
    void whatIsSpoiledIsLeftOut() throws IOException {
        new History(file()).add(line(1, Result.DONE, 0));
        Files.writeString(
                file(), "2.at=yesterday\n3.result=GOOD\nx=y\n", StandardOpenOption.APPEND);
        assertEquals(1, new History(file()).lines().size());
    }
}
