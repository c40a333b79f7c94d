// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import java.util.ArrayDeque;

/** Heap buffers of the longest frame, shared by all paths so that an idle path has none. */
final class Scratch {
    private static final int KEEP = 16;

    private final ArrayDeque<byte[]> free = new ArrayDeque<>();

    byte[] take() {
        synchronized (free) {
            byte[] b = free.pollLast();
            if (b != null) {
                return b;
            }
        }
        return new byte[FrameReader.MAX_FRAME];
    }

    void give(byte[] buffer) {
        synchronized (free) {
            if (free.size() < KEEP) {
                free.addLast(buffer);
            }
        }
    }
}
