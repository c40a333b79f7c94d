// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who may be sent to: an address that never answered gets {@value #UNANSWERED} packets in all, so
 * that nobody can be flooded by naming him as a candidate. Not thread-safe.
 */
final class Consent {
    static final int UNANSWERED = 20;
    private static final int KEPT = 4096;
    private static final int ANSWERED = -1;

    private final Map<InetSocketAddress, Integer> sent =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<InetSocketAddress, Integer> eldest) {
                    return size() > KEPT;
                }
            };

    /** Whether one more packet may go there; counts it. */
    boolean spend(InetSocketAddress to) {
        int n = sent.getOrDefault(to, 0);
        if (n == ANSWERED) {
            return true;
        }
        if (n >= UNANSWERED) {
            return false;
        }
        sent.put(to, n + 1);
        return true;
    }

    /** A valid answer came from there. */
    void answered(InetSocketAddress from) {
        sent.put(from, ANSWERED);
    }

    boolean given(InetSocketAddress address) {
        return sent.getOrDefault(address, 0) == ANSWERED;
    }
}
