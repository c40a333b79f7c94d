// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * A peer's word is not a victim's consent: so many packets, answers included, go to an address from
 * which no valid answer came.
 */
final class Guard {
    private static final int ADDRESSES = 256;

    private final int most;
    private final Map<InetSocketAddress, Integer> sent = new HashMap<>(); // -1: answered

    Guard(int most) {
        this.most = most;
    }

    /** Whether one more may go; counts it. */
    boolean pass(InetSocketAddress to) {
        Integer n = sent.get(to);
        if (n == null && sent.size() >= ADDRESSES || n != null && n >= most) {
            return false;
        }
        if (n == null || n >= 0) {
            sent.merge(to, 1, Integer::sum);
        }
        return true;
    }

    void answered(InetSocketAddress from) {
        sent.replace(from, -1);
    }
}
