// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What prober and server say to each other, over UDP in a datagram, over TCP in a stream.
 *
 * <pre>
 * request  token (8 bytes) | what (1)
 * answer   token (8 bytes) | what (1) | IPv4 address (4) and port (2) that the request came from
 * </pre>
 */
final class ProbeWire {

    /** Answer from where it was asked. */
    static final byte SAME = 0;

    /** Answer from (TCP: connect back from) the other port of the same address. */
    static final byte OTHER_PORT = 1;

    /** Answer from the other address, other port. */
    static final byte OTHER_ADDRESS = 2;

    /** Answer after as many milliseconds as the token says; UDP only. */
    static final byte LATER = 4;

    /** In an answer over TCP: the connection back did not come about. */
    static final byte REFUSED = 3;

    static final int REQUEST = 9;
    static final int ANSWER = 15;

    static final int PORT = 7001;
    static final int PORT2 = 7002;

    record Answer(long token, byte what, InetSocketAddress seen) {}

    private ProbeWire() {}

    static ByteBuffer request(long token, byte what) {
        return ByteBuffer.allocate(REQUEST).putLong(token).put(what).flip();
    }

    static ByteBuffer answer(long token, byte what, InetSocketAddress seen) {
        return ByteBuffer.allocate(ANSWER)
                .putLong(token)
                .put(what)
                .put(seen.getAddress().getAddress())
                .putShort((short) seen.getPort())
                .flip();
    }

    static Optional<Answer> answer(ByteBuffer from) {
        if (from.remaining() != ANSWER) {
            return Optional.empty();
        }
        long token = from.getLong();
        byte what = from.get();
        byte[] address = new byte[4];
        from.get(address);
        int port = Short.toUnsignedInt(from.getShort());
        try {
            return Optional.of(
                    new Answer(
                            token,
                            what,
                            new InetSocketAddress(InetAddress.getByAddress(address), port)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four bytes are an address
        }
    }

    static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(address, port);
    }
}
