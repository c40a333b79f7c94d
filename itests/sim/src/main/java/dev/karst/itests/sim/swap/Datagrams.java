// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.DatagramPipe;
import dev.karst.itests.sim.SimWorld;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** One end of a datagram pipe: sends numbers at a steady pace and notes which ones came. */
final class Datagrams implements Flow.Subscriber<ByteBuffer> {
    private static final int SIZE = 100;

    private final SimWorld world;
    private final DatagramPipe pipe;
    private final Duration pace;
    private final Consumer<String> trouble;
    private final BitSet seen = new BitSet();
    private int sent;
    private int refused;
    private boolean ended;

    Datagrams(SimWorld world, DatagramPipe pipe, Duration pace, Consumer<String> trouble) {
        this.world = world;
        this.pipe = pipe;
        this.pace = pace;
        this.trouble = trouble;
    }

    void begin() {
        pipe.incoming().subscribe(this);
        send();
    }

    private void send() {
        if (ended) {
            return;
        }
        ByteBuffer b = ByteBuffer.allocate(SIZE).putInt(0, sent);
        if (pipe.send(b)) {
            sent++;
        } else {
            refused++;
        }
        world.after(pace, this::send);
    }

    void end() {
        ended = true;
    }

    @Override
    public void onSubscribe(Flow.Subscription s) {
        s.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuffer b) {
        int number = b.getInt();
        if (b.remaining() != SIZE - 4 || seen.get(number)) {
            trouble.accept("datagram " + number + " came twice, or not as it was sent");
        }
        seen.set(number);
    }

    @Override
    public void onError(Throwable e) {
        if (!ended) {
            trouble.accept("datagrams failed: " + e);
        }
    }

    @Override
    public void onComplete() {}

    /** Sends that were refused. */
    int refused() {
        return refused;
    }

    int sent() {
        return sent;
    }

    /** How many of what the other end sent did not come. */
    int missing(Datagrams other) {
        return other.sent - seen.cardinality();
    }
}
