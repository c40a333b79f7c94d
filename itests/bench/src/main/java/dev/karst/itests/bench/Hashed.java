// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.AccessPolicy;
import dev.karst.Peer;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;

/** A stream whose receiver answers the SHA-256 of what it got. */
final class Hashed {
    static final ProtocolId PROTOCOL = ProtocolId.of("itest/hashed");

    private Hashed() {}

    static void serve(LocalNode node) {
        node.node()
                .accept(
                        PROTOCOL,
                        AccessPolicy.any(),
                        new PipeAcceptor() {
                            @Override
                            public void stream(Peer peer, StreamPipe pipe) {
                                pipe.incoming().subscribe(new Receiver(pipe));
                            }
                        });
    }

    private static final class Receiver implements Flow.Subscriber<ByteBuffer> {
        private final StreamPipe pipe;
        private final MessageDigest sha = sha();
        private Flow.Subscription subscription;

        Receiver(StreamPipe pipe) {
            this.pipe = pipe;
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            subscription = s;
            s.request(1);
        }

        @Override
        public void onNext(ByteBuffer b) {
            sha.update(b);
            subscription.request(1);
        }

        @Override
        public void onError(Throwable t) {
            System.err.println("the receiver's pipe failed: " + t);
        }

        @Override
        public void onComplete() {
            pipe.write(ByteBuffer.wrap(sha.digest()));
            pipe.finish();
        }
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends {@code total} bytes, at most so many a second; true when the hashes are equal. */
    static boolean send(StreamPipe pipe, long total, long perSecond) throws Exception {
        ByteChannel channel = pipe.blocking();
        MessageDigest sha = sha();
        byte[] block = new byte[256 * 1024];
        Random random = new Random(7);
        random.nextBytes(block);
        long began = System.nanoTime();
        long shown = began;
        for (long sent = 0; sent < total; sent += block.length) {
            block[random.nextInt(block.length)]++;
            sha.update(block);
            channel.write(ByteBuffer.wrap(block));
            long due = began + (long) (sent * 1e9 / perSecond);
            while (System.nanoTime() - due < 0) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
            if (System.nanoTime() - shown > 5_000_000_000L) {
                shown = System.nanoTime();
                System.out.printf("  %d of %d MiB%n", sent >> 20, total >> 20);
            }
        }
        pipe.finish();
        ByteBuffer answer = ByteBuffer.allocate(64);
        while (channel.read(answer) >= 0) {
            continue; // until the end of the stream
        }
        return Arrays.equals(Arrays.copyOf(answer.array(), answer.position()), sha.digest());
    }
}
