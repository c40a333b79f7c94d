// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.Network.Gateway;
import dev.karst.spi.net.Network.InterfaceAddress;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The default routes. Which address packets leave with is asked of the system by connecting a UDP
 * socket, which sends nothing; next hops and second routes are known on Linux only.
 */
final class Routes {
    /** Addresses for benchmarks (RFC 2544, RFC 5180): nobody's, and so reached by default. */
    private static final byte[] FAR_V4 = {(byte) 198, 18, 0, 1};

    private static final byte[] FAR_V6 = {0x20, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    private static final int GATEWAY_FLAG = 2;
    private static final Path V4 = Path.of("/proc/net/route");
    private static final Path V6 = Path.of("/proc/net/ipv6_route");

    private Routes() {}

    /** A line of the system's table that is a default route. */
    record Hop(String name, Optional<InetAddress> router) {}

    static List<Gateway> gateways() {
        List<Gateway> out = new ArrayList<>();
        List<InterfaceAddress> interfaces = Names.interfaces();
        add(out, interfaces, source(StandardProtocolFamily.INET, FAR_V4), parseV4(lines(V4)));
        add(out, interfaces, source(StandardProtocolFamily.INET6, FAR_V6), parseV6(lines(V6)));
        return List.copyOf(out);
    }

    /** The preferred route first, then one for each other interface that has one. */
    private static void add(
            List<Gateway> out,
            List<InterfaceAddress> interfaces,
            Optional<InetAddress> source,
            List<Hop> hops) {
        if (source.isEmpty()) {
            return;
        }
        int family = source.get().getAddress().length;
        List<String> named = new ArrayList<>();
        for (InterfaceAddress i : interfaces) {
            if (i.address().equals(source.get())) {
                named.add(i.name());
                out.add(new Gateway(i.name(), i.address(), router(hops, i.name())));
                break;
            }
        }
        for (Hop hop : hops) {
            for (InterfaceAddress i : interfaces) {
                if (i.name().equals(hop.name)
                        && i.address().getAddress().length == family
                        && !named.contains(i.name())) {
                    named.add(i.name());
                    out.add(new Gateway(i.name(), i.address(), hop.router));
                }
            }
        }
    }

    private static Optional<InetAddress> router(List<Hop> hops, String name) {
        return hops.stream().filter(h -> h.name.equals(name)).findFirst().flatMap(Hop::router);
    }

    private static Optional<InetAddress> source(ProtocolFamily family, byte[] far) {
        try (DatagramChannel udp = DatagramChannel.open(family)) {
            udp.connect(new InetSocketAddress(InetAddress.getByAddress(far), 9));
            InetAddress a = ((InetSocketAddress) udp.getLocalAddress()).getAddress();
            if (a.isAnyLocalAddress() || a.isLoopbackAddress() || a.isLinkLocalAddress()) {
                return Optional.empty();
            }
            // without the zone
            return Optional.of(
                    a instanceof Inet6Address ? InetAddress.getByAddress(a.getAddress()) : a);
        } catch (IOException | RuntimeException e) { // no route, or not even the family
            return Optional.empty();
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    /**
     * Of /proc/net/route: numbers are hex, addresses in the order of the machine (x86, ARM: little
     * endian).
     */
    static List<Hop> parseV4(List<String> lines) {
        List<Hop> out = new ArrayList<>();
        for (String line : lines) {
            String[] f = line.trim().split("\\s+");
            if (f.length >= 8 && f[1].equals("00000000") && f[7].equals("00000000")) {
                hop(out, f[0], f[2], f[3], true);
            }
        }
        return out;
    }

    /** Of /proc/net/ipv6_route. */
    static List<Hop> parseV6(List<String> lines) {
        List<Hop> out = new ArrayList<>();
        for (String line : lines) {
            String[] f = line.trim().split("\\s+");
            if (f.length >= 10
                    && f[1].equals("00")
                    && f[0].matches("0{32}")
                    && !f[9].equals("lo")) {
                hop(out, f[9], f[4], f[8], false);
            }
        }
        return out;
    }

    private static void hop(
            List<Hop> out, String name, String address, String flags, boolean reversed) {
        try {
            byte[] bytes = HexFormat.of().parseHex(address);
            if (reversed) {
                byte[] b = bytes.clone();
                for (int i = 0; i < b.length; i++) {
                    bytes[i] = b[b.length - 1 - i];
                }
            }
            boolean routed = (Integer.parseUnsignedInt(flags, 16) & GATEWAY_FLAG) != 0;
            out.add(
                    new Hop(
                            name,
                            routed
                                    ? Optional.of(InetAddress.getByAddress(bytes))
                                    : Optional.empty()));
        } catch (IllegalArgumentException | UnknownHostException e) {
            return; // not a line we understand: the route is then just not told
        }
    }
}
