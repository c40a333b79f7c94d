// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How pipes ended that the peer may still ask about: its last frames may have died with a path.
 * Bounded; guarded by the session.
 */
final class Tombstones {
    private static final int MAX = 4096;

    /** The last offset for a pipe that ended in order, or -code for one that was reset. */
    private final LinkedHashMap<Long, Long> ends =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
                    return size() > MAX;
                }
            };

    void done(long pipe, long received) {
        ends.put(pipe, received);
    }

    void reset(long pipe, int code) {
        ends.put(pipe, (long) -code);
    }

    boolean knows(long pipe) {
        return ends.containsKey(pipe);
    }

    /** The frame that tells the peer again. */
    byte[] answer(long pipe) {
        Long end = ends.get(pipe);
        if (end != null && end > 0) {
            return FrameWriter.ack(pipe, end, end);
        }
        return FrameWriter.reset(pipe, end == null ? PipeBase.UNKNOWN : (int) -end);
    }

    void clear() {
        ends.clear();
    }
}
