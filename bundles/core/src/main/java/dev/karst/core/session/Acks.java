// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * The streams of a session that owe the peer an ACK: those that send it with the next record, and
 * those that wait a moment for company. Guarded by the session's lock.
 */
final class Acks {
    private static final Duration DELAY = Duration.ofMillis(25);

    private final Session session;
    private final ArrayDeque<StreamPipeImpl> due = new ArrayDeque<>();
    private final ArrayDeque<StreamPipeImpl> late = new ArrayDeque<>();
    private boolean timer;

    Acks(Session session) {
        this.session = session;
    }

    boolean isEmpty() {
        return due.isEmpty();
    }

    void add(StreamPipeImpl pipe) {
        due.add(pipe);
    }

    /** An ACK that may wait. */
    void soon(StreamPipeImpl pipe) {
        if (!pipe.ackLate) {
            pipe.ackLate = true;
            late.add(pipe);
        }
        if (!timer) {
            timer = true;
            session.world.after(
                    DELAY,
                    () -> {
                        session.enter();
                        try {
                            timer = false;
                            hurry();
                        } finally {
                            session.exit();
                        }
                    });
        }
    }

    private void hurry() {
        for (StreamPipeImpl p : late) {
            p.ackLate = false;
            if (p.ackDue()) {
                p.queueAck();
            }
        }
        late.clear();
    }

    /**
     * Puts in what is due, up to that size.
     *
     * @param company whether a record goes out anyway: late ones then travel for free
     */
    void fill(ByteBuffer plain, int size, boolean company) {
        if (due.isEmpty() && company && !late.isEmpty()) {
            hurry();
        }
        while (!due.isEmpty() && plain.position() + FrameWriter.ACK_SIZE <= size) {
            plain.put(due.poll().takeAck());
        }
    }
}
