// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.natpmp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An answer or an announcement.
 *
 * @param version 0; or another, with which servers of PCP refuse (RFC 6887 section 9)
 * @param code of the question, without the 128
 * @param result 0 = success
 * @param epoch seconds; 0 where a refusal was too short to tell
 * @param address external address; absent in an answer about a mapping, or where there is none
 * @param internalPort 0 where there is none
 * @param externalPort 0 where there is none
 * @param lifetime seconds
 */
record Answer(
        int version,
        int code,
        int result,
        long epoch,
        Optional<InetAddress> address,
        int internalPort,
        int externalPort,
        long lifetime) {
    static final int UNSUPPORTED_VERSION = 1;
    private static final int ANSWER = 0x80;

    /** Empty if it is none. What follows a complete answer is ignored. */
    static Optional<Answer> decode(ByteBuffer in) {
        ByteBuffer b = in.slice();
        int length = b.remaining();
        if (length < 4 || (b.get(1) & ANSWER) == 0) {
            return Optional.empty();
        }
        int version = b.get(0) & 0xff;
        int code = b.get(1) & ~ANSWER & 0xff;
        if (version != 0) { // its result is where our result's lower byte is
            int result = b.get(3) & 0xff;
            return result == UNSUPPORTED_VERSION
                    ? Optional.of(bare(version, code, result, 0))
                    : Optional.empty();
        }
        int result = b.getShort(2) & 0xffff;
        long epoch = length >= 8 ? b.getInt(4) & 0xffffffffL : 0;
        if (code > 2 && result == 0) {
            return Optional.empty();
        }
        if (code == 0 && result == 0) {
            return length < 12
                    ? Optional.empty()
                    : Optional.of(
                            new Answer(0, code, result, epoch, address(b.getInt(8)), 0, 0, 0));
        }
        if (result != 0 && (code > 2 || length < 16)) {
            return Optional.of(bare(0, code, result, epoch));
        }
        return length < 16
                ? Optional.empty()
                : Optional.of(
                        new Answer(
                                0,
                                code,
                                result,
                                epoch,
                                Optional.empty(),
                                b.getShort(8) & 0xffff,
                                b.getShort(10) & 0xffff,
                                b.getInt(12) & 0xffffffffL));
    }

    private static Answer bare(int version, int code, int result, long epoch) {
        return new Answer(version, code, result, epoch, Optional.empty(), 0, 0, 0);
    }

    private static Optional<InetAddress> address(int bits) {
        if (bits == 0) {
            return Optional.empty(); // the gateway has none, now
        }
        try {
            byte[] bytes = ByteBuffer.allocate(4).putInt(bits).array();
            return Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether it may answer that question; a refusal may be too short to name the port. */
    boolean answers(Request r) {
        boolean refused = result != 0;
        boolean samePort = internalPort == r.internalPort() || refused && internalPort == 0;
        return refused && version != 0 || code == r.code() && (r.code() == 0 || samePort);
    }
}
