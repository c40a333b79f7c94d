// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortLease;
import dev.karst.spi.portmap.PortRequest;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Uses the mapper from the network namespace it is started in, obeying lines of its input and
 * telling each result on its output; started by {@link MiniupnpdTest}.
 */
final class Drive {
    private static final int PORT = 7000;

    private Drive() {}

    public static void main(String[] args) throws Exception {
        try (Rig rig = new Rig()) {
            UpnpMapper mapper = new UpnpMapper();
            AtomicInteger news = new AtomicInteger();
            PortGateway gateway = null;
            PortLease lease = null;
            PortRequest request = null;
            for (String line :
                    (Iterable<String>)
                            new java.io.BufferedReader(new java.io.InputStreamReader(System.in))
                                            .lines()
                                    ::iterator) {
                String[] words = line.split(" ");
                long start = System.nanoTime();
                String result;
                try {
                    switch (words[0]) {
                        case "probe" -> {
                            Network.Gateway route = route(rig, words[1]);
                            List<PortGateway> found = Rig.get(mapper.probe(route, rig.core));
                            gateway = found.get(0);
                            request =
                                    new PortRequest(
                                            PortRequest.Protocol.valueOf(words[2]),
                                            new InetSocketAddress(route.local(), PORT),
                                            PORT + 1,
                                            Duration.ofSeconds(600));
                            result = found.size() + " " + gateway;
                        }
                        case "acquire" -> {
                            lease = Rig.get(mapper.acquire(request, gateway, rig.core));
                            result = lease.toString();
                        }
                        case "renew" -> {
                            lease = Rig.get(mapper.renew(lease, request, rig.core));
                            result = lease.toString();
                        }
                        case "release" -> {
                            Rig.get(mapper.release(lease, rig.core));
                            result = "released";
                        }
                        case "watch" -> {
                            mapper.watch(gateway, news::incrementAndGet, rig.core);
                            result = "watching";
                        }
                        case "news" -> result = "news " + news.get();
                        default -> result = "what?";
                    }
                } catch (AssertionError e) {
                    result = "failed " + e.getMessage();
                }
                long micros = (System.nanoTime() - start) / 1000;
                System.out.println("> " + micros + " us " + result + " " + rig.counters.snapshot());
            }
        }
    }

    private static Network.Gateway route(Rig rig, String family) {
        int length = family.equals("v4") ? 4 : 16;
        return rig.core.network().gateways().stream()
                .filter(g -> g.local().getAddress().length == length)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no default route"));
    }
}
