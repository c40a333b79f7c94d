// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "1023, 1023 B",
        "1024, 1.0 KiB",
        "102298, 99.9 KiB",
        "1048575, 1.0 MiB",
        "123456789, 118 MiB",
        "9223372036854775807, 8.0 EiB"
    })
    void bytes(long n, String expected) {
        assertEquals(expected, Text.bytes(n));
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, -",
        "PT0.0004S, 0.4 ms",
        "PT0.012S, 12 ms",
        "PT0.9999S, 1.0 s",
        "PT3.44S, 3.4 s",
        "PT125S, 2 min 5 s",
        "PT3H7M, 3 h 7 min"
    })
    void durations(Duration d, String expected) {
        assertEquals(expected, Text.duration(d));
    }

    @Test
    void tableKeepsForeignTextInItsCell() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Tables("none", "Name", ">Value")
                .row("evil\r\n\u001b[2Jname\u202e", 5)
                .row("b", 12345)
                .print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(4, text.strip().lines().count(), text);
        assertTrue(text.contains("evil   [2Jname"), text);
        assertTrue(text.lines().skip(2).findFirst().orElse("").strip().endsWith(" 5"), text);
        assertFalse(text.contains("\u001b"));
    }

    @ParameterizedTest
    @CsvSource({
        "report.pdf, report.pdf",
        "../../etc/passwd, passwd",
        "C:\\\\x\\\\y.txt, y.txt",
        "..., file",
        ".bashrc, _.bashrc",
        "'', file",
        "CON.txt, _CON.txt",
        "a<b>?.txt, a_b__.txt",
        "name. , name",
        "dir/, file"
    })
    void fileNames(String foreign, String expected) {
        assertEquals(expected, FileNames.safe(foreign));
    }

    @Test
    void anyFileNameStaysInItsDirectory() {
        long seed = 3;
        Random random = new Random(seed);
        Path dir = Path.of("/tmp/dir");
        for (int i = 0; i < 20_000; i++) {
            StringBuilder s = new StringBuilder();
            for (int n = random.nextInt(300); n > 0; n--) {
                s.appendCodePoint(
                        random.nextInt(3) == 0
                                ? "./\\ \u0000\n:~".codePointAt(random.nextInt(8))
                                : random.nextInt(0x10ffff));
            }
            String name = FileNames.safe(s.toString());
            String hint = "seed " + seed + ", round " + i;
            assertEquals(dir, dir.resolve(name).normalize().getParent(), hint);
            assertTrue(name.getBytes(StandardCharsets.UTF_8).length <= FileNames.MAX_BYTES, hint);
            assertEquals(name, FileNames.safe(name), hint);
        }
    }

    @Test
    void namesInUseAreNumberedBeforeTheExtension() {
        assertEquals("a.tar.gz", FileNames.numbered("a.tar.gz", 0));
        assertEquals("a.tar-2.gz", FileNames.numbered("a.tar.gz", 2));
        assertEquals("a-1", FileNames.numbered("a", 1));
    }

    @Test
    void peersAreNamedByIdOrItsBeginning() {
        FakeNode node = new FakeNode(1);
        FakeNode two = new FakeNode(2);
        node.peers.add(new FakePeer(node, two));
        assertEquals(two.id(), Who.id(two.id().toString().toUpperCase(), node));
        assertEquals(two.id(), Who.id(two.id().toString().substring(0, 4), node));
        assertEquals(two.id(), Who.id(two.address().toString(), node));
        assertThrows(IllegalArgumentException.class, () -> Who.id("aib", node));
        assertThrows(IllegalArgumentException.class, () -> Who.id("", node));
        assertThrows(IllegalArgumentException.class, () -> Who.id("!".repeat(52), node));
    }
}
