// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.udp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** As much of STUN as it takes to tell whom a datagram is for (RFC 8489 section 5). */
final class Stun {
    /** The class bits of a message type: 0x0100 alone is a success, both an error response. */
    private static final int CLASS = 0x0110;

    private static final int RESPONSE = 0x0100;
    private static final int COOKIE = 0x2112A442;
    private static final int HEADER = 20;
    private static final int USERNAME = 0x0006;
    private static final int LONGEST_USER = 32;

    private Stun() {}

    /** The 96 bits that pair an answer with its request. */
    record Transaction(long high, int low) {}

    /** What a message is for. */
    enum Kind {
        NONE,
        REQUEST,
        INDICATION,
        RESPONSE
    }

    static Kind kind(ByteBuffer b) {
        int at = b.position();
        if (b.remaining() < HEADER || b.getInt(at + 4) != COOKIE || (b.get(at) & 0xC0) != 0) {
            return Kind.NONE;
        }
        int bits = b.getShort(at) & CLASS;
        return (bits & RESPONSE) != 0 ? Kind.RESPONSE : bits == 0 ? Kind.REQUEST : Kind.INDICATION;
    }

    /** Whether a response says yes. */
    static boolean success(ByteBuffer b) {
        return (b.getShort(b.position()) & CLASS) == RESPONSE;
    }

    static Transaction transaction(ByteBuffer b) {
        return new Transaction(b.getLong(b.position() + 8), b.getInt(b.position() + 16));
    }

    /** The part of USERNAME before the colon; empty where there is none. */
    static String user(ByteBuffer b) {
        int at = b.position() + HEADER;
        while (at + 4 <= b.limit()) {
            int type = b.getShort(at) & 0xffff;
            int length = b.getShort(at + 2) & 0xffff;
            if (type == USERNAME && at + 4 + length <= b.limit()) {
                byte[] text = new byte[Math.min(length, LONGEST_USER + 1)];
                b.get(at + 4, text);
                String s = new String(text, StandardCharsets.ISO_8859_1);
                int colon = s.indexOf(':');
                return colon > 0 ? s.substring(0, colon) : "";
            }
            at += 4 + (length + 3 & ~3);
        }
        return "";
    }
}
