// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.server.StunLimits;
import dev.karst.lib.stun.turn.server.IpLiteral;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The settings, checked.
 *
 * @param addresses one or two of a family, or one wildcard alone
 * @param port 0 picks one
 * @param alternatePort 0 picks one, -1 is none
 * @param tcp whether to serve TCP, too
 * @param connections over TCP at a time
 * @param limits how much is answered
 * @param relay the TURN half
 */
record ServerConfig(
        List<Address> addresses,
        int port,
        int alternatePort,
        boolean tcp,
        int connections,
        StunLimits limits,
        RelayConfig relay) {
    /**
     * An address.
     *
     * @param bind where to listen
     * @param told what clients know it as
     */
    record Address(InetAddress bind, InetAddress told) {
        boolean four() {
            return bind instanceof Inet4Address;
        }

        @Override
        public String toString() {
            String own = bind.getHostAddress();
            return bind.equals(told) ? own : own + "/" + told.getHostAddress();
        }
    }

    /**
     * Reads the settings.
     *
     * @param addresses each one or more, comma-separated, {@code address} or {@code address/told}
     * @throws IllegalArgumentException that names the wrong one
     */
    static ServerConfig of(
            List<String> addresses,
            int port,
            int alternatePort,
            boolean tcp,
            int connections,
            StunLimits limits) {
        List<Address> read = new ArrayList<>();
        for (String several : addresses) {
            for (String one : several.split(",")) {
                if (!one.isBlank()) {
                    read.add(address(one.trim()));
                }
            }
        }
        check(read);
        if (port < 0 || port > 0xffff || alternatePort < -1 || alternatePort > 0xffff) {
            throw new IllegalArgumentException("port and alternatePort: 0 to 65535 expected");
        }
        if (port != 0 && port == alternatePort) {
            throw new IllegalArgumentException("port and alternatePort must differ");
        }
        if (connections < 1) {
            throw new IllegalArgumentException("connections: at least 1");
        }
        return new ServerConfig(
                List.copyOf(read), port, alternatePort, tcp, connections, limits, RelayConfig.NONE);
    }

    /** The same with a relay. */
    ServerConfig with(RelayConfig other) {
        return new ServerConfig(addresses, port, alternatePort, tcp, connections, limits, other);
    }

    static Address address(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length > 2) {
            throw new IllegalArgumentException("addresses: address or address/told: " + text);
        }
        InetAddress bind = literal(parts[0]);
        InetAddress told = parts.length == 2 ? literal(parts[1]) : bind;
        Address out = new Address(bind, told);
        if (told instanceof Inet4Address != out.four() && !bind.isAnyLocalAddress()) {
            throw new IllegalArgumentException("addresses: two families: " + text);
        }
        return out;
    }

    /** A name is none: whom it leads to may change, and a server must not wait for DNS. */
    private static InetAddress literal(String text) {
        try {
            return IpLiteral.parse(text.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("addresses: no IP address: " + text, e);
        }
    }

    private static void check(List<Address> all) {
        long four = all.stream().filter(Address::four).count();
        if (all.isEmpty() || four > 2 || all.size() - four > 2) {
            throw new IllegalArgumentException("addresses: one or two of a family: " + all);
        }
        if (all.size() > 1 && all.stream().anyMatch(a -> a.bind().isAnyLocalAddress())) {
            throw new IllegalArgumentException("addresses: a wildcard stands alone: " + all);
        }
        if (all.stream().map(Address::bind).distinct().count() < all.size()) {
            throw new IllegalArgumentException("addresses: one is there twice: " + all);
        }
    }

    /** The addresses of one family. */
    List<Address> family(boolean four) {
        return addresses.stream().filter(a -> a.four() == four).toList();
    }
}
