// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.natpmp;

import dev.karst.spi.portmap.PortRequest.Protocol;
import java.nio.ByteBuffer;

/**
 * A question and the code of its answers.
 *
 * @param code 0 external address, 1 UDP mapping, 2 TCP mapping
 * @param internalPort of a mapping
 */
record Request(int code, int internalPort, byte[] bytes) {
    /** RFC 6886 section 3.2. */
    static Request address() {
        return new Request(0, 0, new byte[2]);
    }

    /**
     * RFC 6886 section 3.3.
     *
     * @param seconds of lifetime, 32 bits unsigned; 0 ends the mapping, with a suggested port of 0
     *     (section 3.4)
     */
    static Request mapping(Protocol protocol, int internalPort, int suggested, long seconds) {
        if (internalPort < 1 || internalPort > 65535) {
            // with no lifetime, port 0 would mean all mappings of this host
            throw new IllegalArgumentException("not a port: " + internalPort);
        }
        int code = protocol == Protocol.UDP ? 1 : 2;
        ByteBuffer b = ByteBuffer.allocate(12);
        b.put((byte) 0).put((byte) code).putShort((short) 0);
        b.putShort((short) internalPort).putShort((short) suggested).putInt((int) seconds);
        return new Request(code, internalPort, b.array());
    }
}
