// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes kept for replay, bounded for one peer and, through the parent, for the node. */
final class ReplayBudget {
    private final long limit;
    private final ReplayBudget parent;
    private final AtomicLong used = new AtomicLong();

    ReplayBudget(long limit, ReplayBudget parent) {
        this.limit = limit;
        this.parent = parent;
    }

    /**
     * Takes {@code n} bytes.
     *
     * @param must take them even above the limit: the first few bytes of a pipe, so that none
     *     starves
     */
    boolean reserve(int n, boolean must) {
        if (used.addAndGet(n) > limit && !must) {
            used.addAndGet(-n);
            return false;
        }
        if (parent != null && !parent.reserve(n, must)) {
            used.addAndGet(-n);
            return false;
        }
        return true;
    }

    void release(int n) {
        used.addAndGet(-n);
        if (parent != null) {
            parent.release(n);
        }
    }

    long used() {
        return used.get();
    }
}
