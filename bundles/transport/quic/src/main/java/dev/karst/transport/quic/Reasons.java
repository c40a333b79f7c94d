// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import io.netty.channel.ConnectTimeoutException;
import javax.net.ssl.SSLException;

/** Errors in words. */
final class Reasons {
    private Reasons() {}

    static String of(Throwable e) {
        if (e instanceof ConnectTimeoutException) {
            return "the QUIC handshake timed out";
        } else if (e instanceof SSLException) {
            return "the QUIC handshake failed: " + e.getMessage();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
