// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Transport addresses, RFC 8489 sections 14.1 and 14.2. */
final class Addresses {
    static final StunValue<InetSocketAddress> PLAIN = new Coded(false);
    static final StunValue<InetSocketAddress> XOR = new Coded(true);

    private Addresses() {}

    private record Coded(boolean xor) implements StunValue<InetSocketAddress> {
        @Override
        public InetSocketAddress read(ByteBuffer in, byte[] id) {
            in.get(); // reserved
            int size =
                    switch (in.get()) {
                        case 1 -> 4;
                        case 2 -> 16;
                        default -> -1;
                    };
            if (size != in.remaining() - 2) {
                return null;
            }
            int port = in.getShort() & 0xffff;
            byte[] ip = new byte[size];
            in.get(ip);
            if (xor) {
                port ^= port(id);
                mask(ip, id);
            }
            try {
                return new InetSocketAddress(InetAddress.getByAddress(ip), port);
            } catch (UnknownHostException e) {
                return null;
            }
        }

        @Override
        public byte[] write(InetSocketAddress value, byte[] id) {
            if (value.isUnresolved()) {
                throw new IllegalArgumentException("unresolved: " + value);
            }
            byte[] ip = value.getAddress().getAddress();
            int port = value.getPort();
            if (xor) {
                port ^= port(id);
                mask(ip, id);
            }
            int family = value.getAddress() instanceof Inet6Address ? 2 : 1;
            return ByteBuffer.allocate(4 + ip.length)
                    .putShort((short) family)
                    .putShort((short) port)
                    .put(ip)
                    .array();
        }

        private static int port(byte[] id) {
            return (id[0] & 0xff) << 8 | id[1] & 0xff;
        }

        private static void mask(byte[] ip, byte[] id) {
            for (int i = 0; i < ip.length; i++) {
                ip[i] ^= id[i];
            }
        }
    }
}
