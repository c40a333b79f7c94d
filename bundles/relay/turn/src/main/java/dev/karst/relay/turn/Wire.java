// SPDX-License-Identifier: Apache-2.0
package dev.karst.relay.turn;

import dev.karst.spi.Scope;
import dev.karst.spi.net.TlsOptions;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** The way to a relay. Sending never blocks; what is sent before it is open is lost. */
interface Wire {
    /** Told one call at a time, on a network thread. */
    interface Reader {
        void opened();

        /** A datagram, or a message or channel data of the stream. */
        void received(ByteBuffer message);

        /** The last call. */
        void broken(String why);
    }

    static Wire to(Scope scope, TurnUrl url, InetSocketAddress server, TlsOptions tls) {
        return url.over() == TurnUrl.Over.UDP
                ? new UdpWire(scope, server)
                : new StreamWire(scope, url, server, tls);
    }

    void open(Reader reader);

    /** Takes the bytes before it returns. */
    boolean send(ByteBuffer message);

    /** Sends both as one message, over a stream padded; takes the bytes before it returns. */
    boolean send(ByteBuffer head, ByteBuffer data);

    void close();
}
