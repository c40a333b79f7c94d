// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An option, RFC 6887 sections 7.3 and 13. Those from 128 on may be ignored by the server. */
sealed interface Option {
    int THIRD_PARTY = 1;
    int PREFER_FAILURE = 2;
    int FILTER = 3;

    int code();

    /** Without the padding. */
    byte[] data();

    /** The mapping is for that host instead of the sender. */
    record ThirdParty(InetAddress host) implements Option {
        @Override
        public int code() {
            return THIRD_PARTY;
        }

        @Override
        public byte[] data() {
            ByteBuffer b = ByteBuffer.allocate(Wire.ADDRESS);
            Wire.put(b, host);
            return b.array();
        }
    }

    /** Rather no mapping than another external port or address. */
    record PreferFailure() implements Option {
        @Override
        public int code() {
            return PREFER_FAILURE;
        }

        @Override
        public byte[] data() {
            return new byte[0];
        }
    }

    /**
     * Only these remote hosts get through.
     *
     * @param prefix bits of the address that count, of 128: 96 more than usual for IPv4
     * @param port 0 = any
     */
    record Filter(int prefix, int port, InetAddress host) implements Option {
        @Override
        public int code() {
            return FILTER;
        }

        @Override
        public byte[] data() {
            ByteBuffer b = ByteBuffer.allocate(20);
            b.put((byte) 0).put((byte) prefix).putShort((short) port);
            Wire.put(b, host);
            return b.array();
        }
    }

    /** One that is not known here. */
    record Unknown(int code, byte[] data) implements Option {}

    static int length(List<Option> options) {
        return options.stream().mapToInt(o -> 4 + padded(o.data().length)).sum();
    }

    static void put(ByteBuffer to, List<Option> options) {
        for (Option o : options) {
            byte[] data = o.data();
            to.put((byte) o.code()).put((byte) 0).putShort((short) data.length).put(data);
            to.put(new byte[padded(data.length) - data.length]);
        }
    }

    /** Reads to the end; empty if there is something else, or too much. */
    static Optional<List<Option>> read(ByteBuffer from) {
        List<Option> out = new ArrayList<>();
        while (from.hasRemaining()) {
            if (from.remaining() < 4) {
                return Optional.empty();
            }
            int code = Wire.u8(from);
            from.get();
            int length = Wire.u16(from);
            if (padded(length) > from.remaining()) {
                return Optional.empty();
            }
            byte[] data = new byte[length];
            from.get(data);
            from.position(from.position() + padded(length) - length);
            Option o = of(code, data);
            if (o == null) {
                return Optional.empty();
            }
            out.add(o);
        }
        return Optional.of(List.copyOf(out));
    }

    private static Option of(int code, byte[] data) {
        ByteBuffer b = ByteBuffer.wrap(data);
        switch (code) {
            case THIRD_PARTY:
                return data.length == 16 ? new ThirdParty(Wire.address(b)) : null;
            case PREFER_FAILURE:
                return data.length == 0 ? new PreferFailure() : null;
            case FILTER:
                if (data.length != 20) {
                    return null;
                }
                b.get();
                int prefix = Wire.u8(b);
                int port = Wire.u16(b);
                return prefix <= 128 ? new Filter(prefix, port, Wire.address(b)) : null;
            default:
                return new Unknown(code, data);
        }
    }

    private static int padded(int length) {
        return length + 3 & ~3;
    }
}
