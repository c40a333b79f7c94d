// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A request or a response.
 *
 * @param opcode see the constants
 * @param lifetime in seconds, 32 bits unsigned: wanted; granted; or how long an error will last
 * @param client who asks; in requests only
 * @param result in responses only
 * @param epoch in responses only
 * @param map of MAP and PEER
 * @param remote of PEER
 */
record Message(
        boolean response,
        int opcode,
        long lifetime,
        Optional<InetAddress> client,
        int result,
        long epoch,
        Optional<MapFields> map,
        Optional<InetSocketAddress> remote,
        List<Option> options) {
    static final int VERSION = 2;
    static final int ANNOUNCE = 0;
    static final int MAP = 1;
    static final int PEER = 2;

    /** RFC 6887 section 7. */
    static final int LARGEST = 1100;

    private static final int HEADER = 24;
    private static final int REMOTE = 20;
    private static final int RESPONSE = 0x80;

    static Message announce(InetAddress client) {
        return new Message(
                false,
                ANNOUNCE,
                0,
                Optional.of(client),
                0,
                0,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** Asks for a mapping; with no lifetime, ends it. */
    static Message map(InetAddress client, MapFields map, long lifetime, List<Option> options) {
        return new Message(
                false,
                MAP,
                lifetime,
                Optional.of(client),
                0,
                0,
                Optional.of(map),
                Optional.empty(),
                options);
    }

    byte[] encode() {
        int length = HEADER + Option.length(options);
        length += map.isPresent() ? MapFields.LENGTH : 0;
        length += remote.isPresent() ? REMOTE : 0;
        if (length > LARGEST) {
            throw new IllegalArgumentException(length + " bytes are too many");
        }
        ByteBuffer b = ByteBuffer.allocate(length);
        b.put((byte) VERSION).put((byte) (response ? opcode | RESPONSE : opcode));
        b.put((byte) 0).put((byte) result).putInt((int) lifetime);
        if (response) {
            b.putInt((int) epoch).putInt(0).putLong(0);
        } else {
            Wire.put(b, client.orElseThrow());
        }
        map.ifPresent(m -> m.put(b));
        if (remote.isPresent()) {
            b.putShort((short) remote.get().getPort()).putShort((short) 0);
            Wire.put(b, remote.get().getAddress());
        }
        Option.put(b, options);
        return b.array();
    }

    /**
     * Reads a message of version 2; empty if it is none. A failed response may end after its
     * header; what it has beyond may be anything then.
     */
    static Optional<Message> decode(ByteBuffer in) {
        ByteBuffer b = in.slice();
        int length = b.remaining();
        if (length < HEADER || length > LARGEST || length % 4 != 0 || Wire.u8(b) != VERSION) {
            return Optional.empty();
        }
        int code = Wire.u8(b);
        boolean response = (code & RESPONSE) != 0;
        int opcode = code & ~RESPONSE;
        b.get();
        int told = Wire.u8(b);
        int result = response ? told : 0; // reserved in requests
        long lifetime = Wire.u32(b);
        long epoch = 0;
        Optional<InetAddress> client = Optional.empty();
        if (response) {
            epoch = Wire.u32(b);
            b.position(HEADER);
        } else {
            client = Optional.of(Wire.address(b));
        }
        int body = body(opcode);
        boolean whole = b.remaining() >= body;
        if (!whole && result == 0) {
            return Optional.empty();
        }
        Optional<MapFields> map =
                whole && body > 0 ? Optional.of(MapFields.read(b)) : Optional.empty();
        Optional<InetSocketAddress> remote =
                whole && opcode == PEER ? Optional.of(remote(b)) : Optional.empty();
        Optional<List<Option>> options =
                opcode <= PEER && whole ? Option.read(b) : Optional.of(List.of());
        if (options.isEmpty() && result == 0) {
            return Optional.empty();
        }
        return Optional.of(
                new Message(
                        response,
                        opcode,
                        lifetime,
                        client,
                        result,
                        epoch,
                        map,
                        remote,
                        options.orElse(List.of())));
    }

    private static int body(int opcode) {
        return switch (opcode) {
            case MAP -> MapFields.LENGTH;
            case PEER -> MapFields.LENGTH + REMOTE;
            default -> 0;
        };
    }

    private static InetSocketAddress remote(ByteBuffer b) {
        int port = Wire.u16(b);
        b.getShort();
        return new InetSocketAddress(Wire.address(b), port);
    }
}
