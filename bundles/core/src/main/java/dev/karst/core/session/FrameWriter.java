// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes frames (docs/wire.md, "Frames") into the plain text of a record. */
final class FrameWriter {
    static final byte OPEN = 1;
    static final byte OPENED = 2;
    static final byte DATA = 3;
    static final byte ACK = 4;
    static final int ACK_SIZE = 25;
    static final byte FIN = 5;
    static final byte RESET = 6;
    static final byte PING = 7;
    static final byte PONG = 8;
    static final byte GOAWAY = 9;
    static final byte ATTACH = 10;
    static final byte DATAGRAM = 11;
    static final byte INFO = 12;

    /** Bytes of a DATA frame before the data. */
    static final int DATA_HEADER = 19;

    /** Bytes of a DATAGRAM frame before the datagram. */
    static final int DATAGRAM_HEADER = 11;

    /** Most bytes of data in one frame. */
    static final int MAX_DATA = 16 * 1024;

    /**
     * Most plain text that is put into one record: three full frames of data and some small ones.
     */
    static final int MAX_RECORD = 3 * (MAX_DATA + DATA_HEADER) + 600;

    static final int ATTACH_HEADER = 44;

    /** Flags of ATTACH: it has no other usable path; it keeps DATA that comes ahead of a gap. */
    static final int NEEDED = 1;

    static final int KEEPS_AHEAD = 2;
    static final int ATTACH_ENTRY = 24;

    private FrameWriter() {}

    static byte[] open(long pipe, boolean stream, int window, String protocol) {
        byte[] name = protocol.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(15 + name.length)
                .put(OPEN)
                .putLong(pipe)
                .put((byte) (stream ? 0 : 1))
                .putInt(window)
                .put((byte) name.length)
                .put(name)
                .array();
    }

    static byte[] opened(long pipe, int window) {
        return ByteBuffer.allocate(13).put(OPENED).putLong(pipe).putInt(window).array();
    }

    static byte[] ack(long pipe, long received, long limit) {
        return ByteBuffer.allocate(ACK_SIZE)
                .put(ACK)
                .putLong(pipe)
                .putLong(received)
                .putLong(limit)
                .array();
    }

    static byte[] fin(long pipe, long offset) {
        return ByteBuffer.allocate(17).put(FIN).putLong(pipe).putLong(offset).array();
    }

    static byte[] reset(long pipe, int code) {
        return ByteBuffer.allocate(10).put(RESET).putLong(pipe).put((byte) code).array();
    }

    static byte[] ping(byte type, long token) {
        return ByteBuffer.allocate(9).put(type).putLong(token).array();
    }

    static byte[] goaway(int code) {
        return new byte[] {GOAWAY, (byte) code};
    }

    static byte[] info(String address) {
        byte[] text = address.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(3 + text.length)
                .put(INFO)
                .putShort((short) text.length)
                .put(text)
                .array();
    }
}
