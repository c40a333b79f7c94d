// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Direct buffers of one size, reused; at most {@code keep} are kept while unused. Thread-safe. */
final class Chunks {
    private final int size;
    private final int keep;
    private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();

    Chunks(int size, int keep) {
        this.size = size;
        this.keep = keep;
    }

    /** An empty buffer, ready to be filled. */
    ByteBuffer take() {
        synchronized (free) {
            ByteBuffer b = free.pollLast(); // the warmest
            if (b != null) {
                return b.clear();
            }
        }
        return ByteBuffer.allocateDirect(size);
    }

    void give(ByteBuffer chunk) {
        synchronized (free) {
            if (free.size() < keep) {
                free.addLast(chunk);
            }
        }
    }
}
