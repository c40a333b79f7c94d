// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the two sides tell each other. Times are nanoseconds of a monotonic clock, whatever its zero
 * is.
 *
 * <pre>
 *  ASK    1 (1) | time of sending (8)                          initiator: "what is your time?"
 *  REPLY  2 (1) | time of the ASK (8) | time of sending (8)
 *  PLAN   3 (1) | round (1) | way (1) | begin, by the receiver's clock (8)
 *               | receiver's clock minus sender's (8) | round trip of messages (8)
 *  PLACE  4 (1) | round (1) | go, by the receiver's clock (8) | IPv4 address (4)
 *               | lowest (2) and highest port (2) of the NAT, as far as known
 *               | n (1) | n x external port (2), the first is the one to meet at
 *  OPEN   5 (1) | round (1) | sockets (2)                      the side with random ports is ready
 *
 *  way: 1 predicted UDP ports, 2 spread, ports of the initiator are random, 3 spread, ports of the
 *       other side are random, 4 predicted TCP ports
 * </pre>
 */
sealed interface Note {
    /** Ports that are looked at. */
    int MOST_PORTS = 16;

    /** "What is your time?" */
    record Ask(long time) implements Note {}

    /** The answer. */
    record Reply(long asked, long time) implements Note {}

    /** The initiator begins a round. */
    record Plan(int round, Way way, long begin, long ahead, long rtt) implements Note {}

    /** Where the sender expects to be seen. */
    record Place(int round, long go, InetAddress address, int low, int high, List<Integer> ports)
            implements Note {}

    /** The holes are there. */
    record Open(int round, int sockets) implements Note {}

    default byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(64);
        if (this instanceof Ask n) {
            out.put((byte) 1).putLong(n.time);
        } else if (this instanceof Reply n) {
            out.put((byte) 2).putLong(n.asked).putLong(n.time);
        } else if (this instanceof Plan n) {
            out.put((byte) 3).put((byte) n.round).put((byte) (n.way.ordinal() + 1));
            out.putLong(n.begin).putLong(n.ahead).putLong(n.rtt);
        } else if (this instanceof Place n) {
            out.put((byte) 4).put((byte) n.round).putLong(n.go).put(n.address.getAddress());
            out.putShort((short) n.low).putShort((short) n.high).put((byte) n.ports.size());
            n.ports.forEach(p -> out.putShort((short) (int) p));
        } else if (this instanceof Open n) {
            out.put((byte) 5).put((byte) n.round).putShort((short) n.sockets);
        }
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    /** Nothing if it is malformed or of a kind that is not known. */
    static Optional<Note> read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            return switch (in.get()) {
                case 1 -> Optional.of(new Ask(in.getLong()));
                case 2 -> Optional.of(new Reply(in.getLong(), in.getLong()));
                case 3 -> plan(in);
                case 4 -> place(in);
                case 5 -> Optional.of(new Open(in.get() & 0xff, in.getShort() & 0xffff));
                default -> Optional.empty();
            };
        } catch (BufferUnderflowException | UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static Optional<Note> plan(ByteBuffer in) {
        int round = in.get() & 0xff;
        int way = in.get() - 1;
        Way[] all = Way.values();
        return way < 0 || way >= all.length
                ? Optional.empty()
                : Optional.of(new Plan(round, all[way], in.getLong(), in.getLong(), in.getLong()));
    }

    private static Optional<Note> place(ByteBuffer in) throws UnknownHostException {
        int round = in.get() & 0xff;
        long go = in.getLong();
        byte[] ip = new byte[4];
        in.get(ip);
        int low = in.getShort() & 0xffff;
        int high = in.getShort() & 0xffff;
        List<Integer> ports = new ArrayList<>();
        for (int n = in.get() & 0xff; n > 0; n--) {
            int port = in.getShort() & 0xffff;
            if (port > 0 && ports.size() < MOST_PORTS && !ports.contains(port)) {
                ports.add(port);
            }
        }
        Inet4Address address = (Inet4Address) InetAddress.getByAddress(ip);
        return Optional.of(new Place(round, go, address, low, high, List.copyOf(ports)));
    }
}
