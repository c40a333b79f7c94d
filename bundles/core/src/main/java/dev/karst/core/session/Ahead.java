// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Bytes of a stream that came by a new path while those before them are still on their way on the
 * old one: a single run, for that is what a change of paths makes. Bounded by the credit that was
 * given. Guarded by the session's lock.
 */
final class Ahead {
    private final ArrayDeque<ByteBuffer> parts = new ArrayDeque<>();
    private long start;
    private long end;

    /**
     * @return false if there is a gap before it, too, or it is here already: it will come again
     */
    boolean keep(long offset, ByteBuffer bytes) {
        if (parts.isEmpty()) {
            start = offset;
            end = offset;
        }
        if (offset != end || !bytes.hasRemaining()) {
            return false;
        }
        parts.add(bytes);
        end += bytes.remaining();
        return true;
    }

    /** Takes what follows the bytes below {@code received}; null if that is not here. */
    ByteBuffer next(long received) {
        while (!parts.isEmpty() && start <= received) {
            ByteBuffer b = parts.poll();
            long old = received - start;
            start += b.remaining();
            if (start > received) {
                return b.position(b.position() + (int) old);
            }
        }
        return null;
    }

    void clear() {
        parts.clear();
    }
}
