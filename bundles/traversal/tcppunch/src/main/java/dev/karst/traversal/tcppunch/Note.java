// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.tcppunch;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the two sides tell each other. Times are nanoseconds of the sender's own clock, whatever its
 * zero is.
 *
 * <pre>
 *  ASK    1 (1) | time of sending (8) | places      initiator: "what is your time?"
 *  REPLY  2 (1) | time of the ASK (8) | time of sending (8) | places
 *  GO     3 (1) | when, by the receiver's clock (8)
 *
 *  places: n (1) | n x { length of address, 4 or 16 (1) | address | port (2) }
 * </pre>
 */
record Note(Kind kind, long first, long second, List<InetSocketAddress> places) {
    /** Most places that are looked at. */
    static final int MOST = 4;

    enum Kind {
        ASK,
        REPLY,
        GO
    }

    static Note ask(long now, List<InetSocketAddress> places) {
        return new Note(Kind.ASK, now, 0, places);
    }

    static Note reply(Note ask, long now, List<InetSocketAddress> places) {
        return new Note(Kind.REPLY, ask.first, now, places);
    }

    static Note go(long when) {
        return new Note(Kind.GO, when, 0, List.of());
    }

    byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(18 + 19 * places.size());
        out.put((byte) (kind.ordinal() + 1)).putLong(first);
        if (kind == Kind.REPLY) {
            out.putLong(second);
        }
        if (kind != Kind.GO) {
            out.put((byte) places.size());
            for (InetSocketAddress p : places) {
                byte[] ip = p.getAddress().getAddress();
                out.put((byte) ip.length).put(ip).putShort((short) p.getPort());
            }
        }
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    /** Nothing if it is malformed or of a kind that is not known. */
    static Optional<Note> read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            int code = in.get();
            if (code < 1 || code > Kind.values().length) {
                return Optional.empty();
            }
            Kind kind = Kind.values()[code - 1];
            long first = in.getLong();
            long second = kind == Kind.REPLY ? in.getLong() : 0;
            return Optional.of(
                    new Note(kind, first, second, kind == Kind.GO ? List.of() : places(in)));
        } catch (BufferUnderflowException | UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static List<InetSocketAddress> places(ByteBuffer in) throws UnknownHostException {
        List<InetSocketAddress> out = new ArrayList<>();
        for (int n = in.get() & 0xff; n > 0; n--) {
            byte[] ip = new byte[in.get() & 0xff];
            in.get(ip);
            int port = in.getShort() & 0xffff;
            InetSocketAddress a = new InetSocketAddress(InetAddress.getByAddress(ip), port);
            if (out.size() < MOST && Outside.usable(a)) {
                out.add(a);
            }
        }
        return List.copyOf(out);
    }
}
