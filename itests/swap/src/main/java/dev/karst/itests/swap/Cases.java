// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.IpAddresses;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which bundles are replaced, and which ways make sense for each. */
final class Cases {
    /** A bundle; {@code left} says which way is left out, and why. */
    record Subject(String bundle, Set<String> left, String why) {
        Subject(String bundle) {
            this(bundle, Set.of(), "");
        }
    }

    static final List<String> WAYS = List.of("beside", "in-place", "away", "throw", "hang");

    private Cases() {}

    static List<Subject> all() {
        List<Subject> out = new ArrayList<>();
        for (String name :
                new String[] {
                    "net.netty",
                    "transport.tcp",
                    "transport.quic",
                    "crypto.bouncycastle",
                    "nat.stun",
                    "portmap.upnp",
                    "portmap.natpmp",
                    "portmap.pcp",
                    "traversal.direct",
                    "traversal.reverse",
                    "traversal.tcppunch",
                    "traversal.udppunch",
                    "traversal.predict",
                    "relay.turn",
                    "signaling.mqtt",
                    "directory.mqtt",
                    "directory.fixed"
                }) {
            if (name.startsWith("portmap.") && !facesRouter()) {
                out.add(
                        new Subject(
                                "dev.karst." + name,
                                Set.of("throw", "hang"),
                                "no address here is private, so nobody asks for a router's port"));
                continue;
            }
            if (name.equals("traversal.predict")) {
                out.add(
                        new Subject(
                                "dev.karst." + name,
                                Set.of("hang"),
                                "no NAT is between the containers, so it is asked for odds only"));
                continue;
            }
            out.add(
                    name.startsWith("net.") || name.startsWith("crypto.")
                            ? new Subject(
                                    "dev.karst." + name,
                                    Set.of("hang"),
                                    "called on the threads that carry data: Java cannot cut it off")
                            : new Subject("dev.karst." + name));
        }
        out.add(
                new Subject(
                        "dev.karst.gateway.tunnel",
                        Set.of("beside", "throw", "hang"),
                        "no provider: nothing calls it, and two would want the same local ports"));
        out.add(
                new Subject(
                        "dev.karst.shell",
                        Set.of("throw", "hang"),
                        "no provider: nothing calls it but its user"));
        return out;
    }

    private static boolean facesRouter() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .anyMatch(a -> a instanceof Inet4Address && IpAddresses.isPrivate(a));
        } catch (SocketException e) {
            return true;
        }
    }
}
