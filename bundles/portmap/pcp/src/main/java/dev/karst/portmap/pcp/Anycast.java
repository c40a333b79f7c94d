// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Where the nearest server answers, wherever it is: RFC 7723. */
record Anycast(InetAddress ipv4, InetAddress ipv6) {
    static final Anycast STANDARD = standard();

    private static Anycast standard() {
        try {
            return new Anycast(
                    InetAddress.getByAddress(new byte[] {(byte) 192, 0, 0, 9}),
                    InetAddress.getByAddress(
                            new byte[] {0x20, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    InetAddress of(boolean v6) {
        return v6 ? ipv6 : ipv4;
    }
}
