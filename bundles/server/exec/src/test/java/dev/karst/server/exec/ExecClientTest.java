// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ExecClientTest {
    @TempDir Path base;

    @Test
    void severalWordsAreArgumentsOneIsALine() {
        assertEquals("karst:peers | grep x", ExecClient.line(List.of("karst:peers | grep x")));
        assertEquals(
                "karst:send abc \"my file\" \"a\\\"b\\$c\\\\\" --dir=/tmp",
                ExecClient.line(List.of("karst:send", "abc", "my file", "a\"b$c\\", "--dir=/tmp")));
        assertEquals("x \"\" \"#1\"", ExecClient.line(List.of("x", "", "#1")));
    }

    @Test
    void quotedWordsArriveAsTheyWere() throws Exception {
        List<String> words = List.of("test:say", "a b", "$HOME", "q\"uote", "back\\slash", "{x}");
        try (ExecWorld world = new ExecWorld(base)) {
            assertEquals(
                    words.subList(1, words.size()) + "\n", world.run(ExecClient.line(words)).out());
        }
    }

    @Test
    @Timeout(30)
    void runsOnTheBaseModuleAlone() throws Exception {
        try (ExecWorld world = new ExecWorld(base)) {
            Process process =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                    "--limit-modules",
                                    "java.base",
                                    "-cp",
                                    "target/classes",
                                    ExecClient.class.getName(),
                                    world.server.socket().toString(),
                                    "test:say",
                                    "hello there")
                            .redirectErrorStream(true)
                            .start();
            assertEquals("[hello there]\n", new String(process.getInputStream().readAllBytes()));
            assertTrue(process.waitFor(10, TimeUnit.SECONDS));
            assertEquals(0, process.exitValue());
        }
    }

    @Test
    void noStreamBreaksTheDecoder() throws IOException {
        ByteArrayOutputStream valid = new ByteArrayOutputStream();
        Frames.Writer w = new Frames.Writer(Channels.newChannel(valid));
        new PrintStream(w.stream(false)).print("some output");
        new PrintStream(w.stream(true)).print("some error");
        w.exit(3);
        byte[] good = valid.toByteArray();
        assertEquals(3, decode(good));
        assertThrows(EOFException.class, () -> decode(Arrays.copyOf(good, good.length - 1)));

        long seed = 5;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = random.nextBoolean() ? good.clone() : new byte[random.nextInt(40)];
            for (int n = bytes.length == 0 ? 0 : 1 + random.nextInt(3); n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                decode(bytes);
            } catch (IOException e) {
                // that or a status, nothing else: seed 5
            }
        }
    }

    private static int decode(byte[] bytes) throws IOException {
        return Frames.read(new DataInputStream(new ByteArrayInputStream(bytes)), (e, b) -> {});
    }
}
