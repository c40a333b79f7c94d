// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import dev.karst.lib.ice.CandidateType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A candidate that turned up later, told to the other side.
 *
 * <pre>
 *  1 (1) | type (1): 0 host, 1 srflx, 2 prflx, 3 relay | n (1): 4 or 16 | address, n | port (2)
 * </pre>
 */
record Note(CandidateType type, InetSocketAddress address) {
    private static final int CANDIDATE = 1;
    private static final CandidateType[] TYPES = {
        CandidateType.HOST,
        CandidateType.SERVER_REFLEXIVE,
        CandidateType.PEER_REFLEXIVE,
        CandidateType.RELAYED
    };

    byte[] bytes() {
        byte[] ip = address.getAddress().getAddress();
        int code = 0;
        while (TYPES[code] != type) {
            code++;
        }
        return ByteBuffer.allocate(5 + ip.length)
                .put((byte) CANDIDATE)
                .put((byte) code)
                .put((byte) ip.length)
                .put(ip)
                .putShort((short) address.getPort())
                .array();
    }

    /** Nothing if it is malformed or of a kind that is not known. */
    static Optional<Note> read(byte[] bytes) {
        if (bytes.length < 5 || bytes[0] != CANDIDATE || bytes[1] < 0 || bytes[1] > 3) {
            return Optional.empty();
        }
        int n = bytes[2];
        if (n != 4 && n != 16 || bytes.length < 5 + n) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 3, n + 2);
        byte[] ip = new byte[n];
        in.get(ip);
        try {
            int port = in.getShort() & 0xffff;
            InetSocketAddress a = new InetSocketAddress(InetAddress.getByAddress(ip), port);
            return Optional.of(new Note(TYPES[bytes[1]], a));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
