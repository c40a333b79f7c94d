// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileProtocolTest {
    @TempDir Path dir;

    /** What one side says, all at once; what the other answers is kept. */
    private static final class Script implements ByteChannel {
        private final ByteBuffer said;
        private final ByteArrayOutputStream answers = new ByteArrayOutputStream();

        Script(byte[] said) {
            this.said = ByteBuffer.wrap(said);
        }

        @Override
        public int read(ByteBuffer dst) {
            if (!said.hasRemaining()) {
                return -1;
            }
            int n = Math.min(dst.remaining(), said.remaining());
            dst.put(said.slice().limit(n));
            said.position(said.position() + n);
            return n;
        }

        @Override
        public int write(ByteBuffer src) {
            int n = src.remaining();
            while (src.hasRemaining()) {
                answers.write(src.get());
            }
            return n;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private static byte[] valid(String name, byte[] content) throws Exception {
        byte[] n = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + n.length + 8 + content.length + 32)
                .putShort((short) n.length)
                .put(n)
                .putLong(content.length)
                .put(content)
                .put(MessageDigest.getInstance("SHA-256").digest(content))
                .array();
    }

    private FileProtocol.Received receive(Script script) throws IOException {
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
        return FileProtocol.receive(
                script,
                dir,
                (name, length) -> new Progress("received", length, new Stopwatch(), nowhere),
                () -> {});
    }

    private long files() throws IOException {
        try (var list = Files.list(dir)) {
            return list.count();
        }
    }

    @Test
    void storesWhatCameWhole() throws Exception {
        Script script = new Script(valid("../a.txt", "hello".getBytes()));
        FileProtocol.Received r = receive(script);
        assertEquals(dir.resolve("a.txt"), r.path());
        assertEquals("hello", Files.readString(r.path()));
        assertEquals("A\0\0A\0\5a.txt", script.answers.toString(StandardCharsets.ISO_8859_1));
        assertEquals(1, files());
        assertEquals(
                dir.resolve("a-1.txt"), receive(new Script(valid("a.txt", new byte[0]))).path());
    }

    @Test
    void keepsNothingOfWhatIsDamaged() throws Exception {
        byte[] good = valid("a.txt", "hello".getBytes());
        byte[] flipped = good.clone();
        flipped[16] ^= 1;
        Script script = new Script(flipped);
        IOException e = assertThrows(IOException.class, () -> receive(script));
        assertTrue(e.getMessage().contains("hash"), e.getMessage());
        assertTrue(script.answers.toString(StandardCharsets.UTF_8).contains("hash is wrong"));
        for (int n = 0; n < good.length; n++) {
            byte[] cut = java.util.Arrays.copyOf(good, n);
            assertThrows(IOException.class, () -> receive(new Script(cut)));
        }
        assertEquals(0, files());
    }

    @Test
    void refusesWhatCannotFit() throws Exception {
        byte[] huge = valid("a", new byte[0]);
        ByteBuffer.wrap(huge).putLong(3, Long.MAX_VALUE);
        Script script = new Script(huge);
        assertThrows(IOException.class, () -> receive(script));
        assertTrue(script.answers.toString(StandardCharsets.UTF_8).contains("no room"));
    }

    @Test
    void noInputBreaksTheReceiver() throws Exception {
        long seed = 6;
        Random random = new Random(seed);
        byte[] good = valid("name", "content".getBytes());
        for (int i = 0; i < 6_000; i++) {
            byte[] bytes = random.nextBoolean() ? good.clone() : new byte[random.nextInt(60)];
            if (bytes.length > 0 && bytes.length != good.length) {
                random.nextBytes(bytes);
            }
            for (int n = bytes.length == 0 ? 0 : 1 + random.nextInt(3); n > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                FileProtocol.Received r = receive(new Script(bytes));
                Files.delete(r.path()); // a name may change without harm
            } catch (IOException e) {
                // that, and nothing else: seed 6
            }
        }
        assertEquals(0, files());
    }

    @Test
    void noAnswerBreaksTheSender() throws Exception {
        Path file = Files.writeString(dir.resolve("f"), "x");
        long seed = 8;
        Random random = new Random(seed);
        PrintStream nowhere = new PrintStream(PrintStream.nullOutputStream());
        for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            if (bytes.length > 0) {
                bytes[0] = (byte) "ARX".charAt(random.nextInt(3));
            }
            Progress p = new Progress("sent", 1, new Stopwatch(), nowhere);
            try {
                FileProtocol.send(new Script(bytes), file, p, () -> {});
            } catch (IOException e) {
                // refused or malformed: seed 8
            }
        }
    }
}
