// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The body of MAP (RFC 6887 section 11.1), with which PEER begins, too.
 *
 * @param protocol IANA's number, 0 = all
 * @param external suggested in requests, given in responses
 */
record MapFields(
        Nonce nonce, int protocol, int internalPort, int externalPort, InetAddress external) {
    static final int LENGTH = 36;
    static final int TCP = 6;
    static final int UDP = 17;

    void put(ByteBuffer to) {
        to.put(nonce.bytes()).put((byte) protocol).put(new byte[3]);
        to.putShort((short) internalPort).putShort((short) externalPort);
        Wire.put(to, external);
    }

    static MapFields read(ByteBuffer from) {
        byte[] nonce = new byte[Nonce.LENGTH];
        from.get(nonce);
        int protocol = Wire.u8(from);
        from.position(from.position() + 3);
        int internal = Wire.u16(from);
        int external = Wire.u16(from);
        return new MapFields(Nonce.of(nonce), protocol, internal, external, Wire.address(from));
    }

    /** Whether an answer with these fields is for a request with those (section 11.4). */
    boolean answers(MapFields request) {
        return nonce.equals(request.nonce)
                && protocol == request.protocol
                && internalPort == request.internalPort;
    }
}
