// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.StreamPipe;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A transfer that runs until told to end; {@link Hashed} is at the other side. */
final class Running {
    private static final int BLOCK = 64 * 1024;

    private final StreamPipe pipe;
    private final CompletableFuture<Boolean> equal = new CompletableFuture<>();
    private volatile boolean enough;
    private volatile long sent;

    /** Begins at once, with about 16 MiB a second. */
    Running(StreamPipe pipe) {
        this.pipe = pipe;
        Thread sender = new Thread(this::send, "running-transfer");
        sender.setDaemon(true);
        sender.start();
    }

    private void send() {
        try {
            ByteChannel channel = pipe.blocking();
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[BLOCK];
            Random random = new Random(13);
            random.nextBytes(block);
            while (!enough) {
                block[random.nextInt(BLOCK)]++; // no two blocks alike
                sha.update(block);
                channel.write(ByteBuffer.wrap(block));
                sent += BLOCK;
                TimeUnit.MILLISECONDS.sleep(4);
            }
            pipe.finish();
            ByteBuffer answer = ByteBuffer.allocate(64);
            while (channel.read(answer) >= 0) {
                continue; // until the end of the stream
            }
            byte[] got = Arrays.copyOf(answer.array(), answer.position());
            equal.complete(Arrays.equals(got, sha.digest()));
        } catch (Exception e) {
            equal.completeExceptionally(e);
        }
    }

    /** Bytes given to the pipe until now. */
    long sent() {
        return sent;
    }

    /** Ends it; whether all bytes came through. */
    boolean end() throws Exception {
        enough = true;
        return equal.get(30, TimeUnit.SECONDS);
    }
}
