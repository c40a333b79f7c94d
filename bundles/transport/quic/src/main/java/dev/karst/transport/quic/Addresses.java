// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import dev.karst.Endpoint;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Socket addresses as endpoints. */
final class Addresses {
    static final String SCHEME = "quic";

    private Addresses() {}

    static Endpoint endpoint(InetSocketAddress a) {
        return Endpoint.of(SCHEME, text(a.getAddress()), a.getPort());
    }

    /** The text form of RFC 5952. */
    static String text(InetAddress a) {
        if (!(a instanceof Inet6Address)) {
            return a.getHostAddress();
        }
        byte[] b = a.getAddress();
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (b[2 * i] & 0xff) << 8 | b[2 * i + 1] & 0xff;
        }
        int start = -1; // of the longest run of zeros
        int run = 1; // a single zero is not shortened
        for (int i = 0; i < 8; i++) {
            int j = i;
            while (j < 8 && groups[j] == 0) {
                j++;
            }
            if (j - i > run) {
                start = i;
                run = j - i;
            }
            i = Math.max(i, j);
        }
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                out.append("::");
                i += run - 1;
            } else {
                if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
                    out.append(':');
                }
                out.append(Integer.toHexString(groups[i]));
            }
        }
        return out.toString();
    }
}
