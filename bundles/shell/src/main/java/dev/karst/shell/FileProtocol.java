// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.KarstException;
import dev.karst.ProtocolId;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * The protocol {@code file/1}: one file per pipe.
 *
 * <pre>
 *   sender    name-length:2 name (UTF-8)  length:8
 *   receiver  'A' 0:2  or  'R' length:2 reason (UTF-8)          shall it come?
 *   sender    length bytes of the file, SHA-256:32
 *   receiver  'A' length:2 stored-name  or  'R' length:2 reason
 * </pre>
 *
 * Numbers are big-endian. The receiver writes beside the target and gives it its name only when the
 * hash is right; a name that is taken gets a number.
 */
final class FileProtocol {
    static final ProtocolId ID = ProtocolId.of("file/1");
    static final int MAX_NAME = 1024;
    private static final int MAX_TEXT = 1024;
    private static final int BLOCK = 64 << 10;
    private static final int SAME_NAMES = 1000;

    private FileProtocol() {}

    /** A file that comes, and what became of it. */
    record Received(Path path, long length) {}

    /** Makes the progress display once the length is known. */
    interface Display {
        Progress begin(String name, long length);
    }

    /**
     * Sends a file.
     *
     * @param end called when all is written: ends the sending direction
     * @return the name under which the receiver stored it
     * @throws IOException also if the receiver refused; its reason is the message
     */
    static String send(ByteChannel channel, Path file, Progress progress, Runnable end)
            throws IOException {
        long length = Files.size(file);
        byte[] name =
                FileNames.safe(file.getFileName().toString()).getBytes(StandardCharsets.UTF_8);
        writeFully(
                channel,
                ByteBuffer.allocate(2 + name.length + 8)
                        .putShort((short) name.length)
                        .put(name)
                        .putLong(length)
                        .flip());
        answer(channel);
        MessageDigest digest = sha256();
        byte[] block = new byte[BLOCK];
        try (InputStream in = Files.newInputStream(file)) {
            for (long left = length; left > 0; ) {
                int n = in.read(block, 0, (int) Math.min(BLOCK, left));
                if (n < 0) {
                    throw new IOException("the file became shorter while it was sent");
                }
                digest.update(block, 0, n);
                writeFully(channel, ByteBuffer.wrap(Arrays.copyOf(block, n)));
                progress.add(n);
                left -= n;
            }
        }
        writeFully(channel, ByteBuffer.wrap(digest.digest()));
        end.run();
        String stored = answer(channel);
        // Both directions shall end in order before the pipe is closed.
        while (channel.read(ByteBuffer.allocate(1)) >= 0) {
            // nothing more is expected
        }
        return stored;
    }

    private static String answer(ByteChannel channel) throws IOException {
        ByteBuffer head = readFully(channel, 3);
        int status = head.get();
        int length = head.getShort() & 0xffff;
        if (length > MAX_TEXT || status != 'A' && status != 'R') {
            throw new IOException("the peer does not speak file/1");
        }
        String text = utf8(readFully(channel, length));
        if (status == 'R') {
            throw new IOException("the peer refused it: " + Text.safe(text));
        }
        return text;
    }

    /**
     * Receives one file into a directory.
     *
     * @param end called when the answer is written: ends the sending direction
     * @throws IOException if it did not come whole; nothing is left of it then
     */
    static Received receive(ByteChannel channel, Path directory, Display display, Runnable end)
            throws IOException {
        int nameLength = readFully(channel, 2).getShort() & 0xffff;
        if (nameLength > MAX_NAME) {
            throw new IOException("malformed: a name of " + nameLength + " bytes");
        }
        String name = FileNames.safe(utf8(readFully(channel, nameLength)));
        long length = readFully(channel, 8).getLong();
        long room = Files.getFileStore(directory).getUsableSpace();
        if (length < 0 || length > room) {
            reply(channel, 'R', length < 0 ? "malformed length" : "no room for so many bytes");
            end.run();
            throw new IOException("refused " + name + ": " + length + " bytes, room for " + room);
        }
        Path part = Files.createTempFile(directory, ".karst-", ".part");
        try {
            reply(channel, 'A', "");
            byte[] hash = take(channel, part, length, display.begin(name, length));
            if (!MessageDigest.isEqual(hash, array(readFully(channel, 32)))) {
                reply(channel, 'R', "the hash is wrong");
                end.run();
                throw new IOException("the hash of " + name + " is wrong");
            }
            Path stored = store(part, directory, name);
            reply(channel, 'A', stored.getFileName().toString());
            end.run();
            return new Received(stored, length);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static byte[] take(ByteChannel channel, Path part, long length, Progress progress)
            throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(BLOCK);
        try (var out = Files.newByteChannel(part, StandardOpenOption.WRITE)) {
            for (long left = length; left > 0; ) {
                buffer.clear().limit((int) Math.min(BLOCK, left));
                int n = channel.read(buffer);
                if (n < 0) {
                    throw new EOFException("it was cut off after " + (length - left) + " bytes");
                }
                digest.update(buffer.flip().duplicate());
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
                progress.add(n);
                left -= n;
            }
        }
        return digest.digest();
    }

    /** A hard link fails where the name is taken, in one step; a move would need two. */
    private static Path store(Path part, Path directory, String name) throws IOException {
        for (int i = 0; i < SAME_NAMES; i++) {
            Path target = directory.resolve(FileNames.numbered(name, i));
            try {
                return Files.createLink(target, part);
            } catch (FileAlreadyExistsException e) {
                continue;
            } catch (IOException | UnsupportedOperationException e) {
                try {
                    return Files.move(part, target);
                } catch (FileAlreadyExistsException taken) {
                    continue;
                }
            }
        }
        throw new IOException("there are " + SAME_NAMES + " files called " + name + " already");
    }

    private static void reply(ByteChannel channel, char status, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        writeFully(
                channel,
                ByteBuffer.allocate(3 + utf8.length)
                        .put((byte) status)
                        .putShort((short) utf8.length)
                        .put(utf8)
                        .flip());
    }

    private static void writeFully(ByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer readFully(ByteChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the peer ended early");
            }
        }
        return bytes.flip();
    }

    private static byte[] array(ByteBuffer bytes) {
        byte[] out = new byte[bytes.remaining()];
        bytes.get(out);
        return out;
    }

    private static String utf8(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    /** A sentence for a person; the pipe's own reason where there is one. */
    static String why(IOException e) {
        Throwable t = e.getCause() instanceof KarstException k ? k : e;
        return Text.safe(t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage());
    }
}
