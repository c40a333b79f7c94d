// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.StreamPipe;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;

/** Sends at full speed until told to end, then compares what the other side got. */
final class Traffic extends Thread {
    private final StreamPipe pipe;
    private final long atLeast;
    volatile long sent;
    private volatile boolean enough;
    private volatile String result = "still running";

    Traffic(StreamPipe pipe, long atLeast) {
        super("itest-traffic");
        this.pipe = pipe;
        this.atLeast = atLeast;
    }

    @Override
    public void run() {
        try {
            ByteChannel channel = pipe.blocking();
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] block = new byte[256 * 1024];
            Random random = new Random(1);
            random.nextBytes(block);
            while (!enough || sent < atLeast) {
                block[random.nextInt(block.length)]++; // no two blocks alike
                sha.update(block);
                channel.write(ByteBuffer.wrap(block));
                sent += block.length;
            }
            pipe.finish();
            ByteBuffer answer = ByteBuffer.allocate(64);
            while (channel.read(answer) >= 0) {
                continue; // until the end of the stream
            }
            byte[] got = Arrays.copyOf(answer.array(), answer.position());
            result = Arrays.equals(got, sha.digest()) ? "equal" : "DIFFERENT";
        } catch (Exception e) {
            result = "failed: " + e;
        }
    }

    /** Waits for the end; "equal" when all bytes came through. */
    String end(long millis) throws InterruptedException {
        enough = true;
        join(millis);
        return result;
    }
}
