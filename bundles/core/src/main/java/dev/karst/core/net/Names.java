// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import dev.karst.spi.net.Network.InterfaceAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/** Names and addresses, as the operating system knows them. */
final class Names {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

    private Names() {}

    /** Literals at once, names on the executor. */
    static CompletableFuture<List<InetAddress>> resolve(CoreNetwork net, String host) {
        CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();
        String h = host.startsWith("[") && host.endsWith("]") ? unbracket(host) : host;
        if (h.isEmpty()) {
            result.completeExceptionally(new UnknownHostException("empty host name"));
        } else if (h.indexOf(':') >= 0 || IPV4.matcher(h).matches()) {
            lookup(h, result);
        } else if (!net.tryExecute(() -> lookup(h, result))) {
            result.completeExceptionally(
                    new UnknownHostException(h + ": too many names are being resolved"));
        }
        return result;
    }

    private static String unbracket(String host) {
        return host.substring(1, host.length() - 1);
    }

    private static void lookup(String host, CompletableFuture<List<InetAddress>> result) {
        List<InetAddress> found;
        try {
            found = List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            result.completeExceptionally(e);
            return;
        } catch (RuntimeException e) {
            result.completeExceptionally(new UnknownHostException(host));
            return;
        }
        result.complete(found);
    }

    static List<InterfaceAddress> interfaces() {
        List<InterfaceAddress> out = new ArrayList<>();
        List<InterfaceAddress> loopback = new ArrayList<>();
        try {
            Enumeration<NetworkInterface> all = NetworkInterface.getNetworkInterfaces();
            while (all.hasMoreElements()) {
                NetworkInterface i = all.nextElement();
                if (i.isUp()) {
                    List<InterfaceAddress> to = i.isLoopback() ? loopback : out;
                    i.getInterfaceAddresses().forEach(a -> add(to, i, a));
                }
            }
        } catch (SocketException e) {
            // none can be told
        }
        out.addAll(loopback);
        return List.copyOf(out);
    }

    private static void add(
            List<InterfaceAddress> to, NetworkInterface i, java.net.InterfaceAddress a) {
        InetAddress address = a.getAddress();
        if (address instanceof Inet6Address v6) {
            if (v6.isLinkLocalAddress()) {
                return; // means nothing to anybody else
            }
            try {
                address = InetAddress.getByAddress(v6.getAddress()); // without its scope
            } catch (UnknownHostException e) {
                return;
            }
        }
        to.add(new InterfaceAddress(i.getName(), address, a.getNetworkPrefixLength()));
    }
}
