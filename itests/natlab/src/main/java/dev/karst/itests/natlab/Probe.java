// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Finds out with plain sockets what a router does: no STUN, nothing of Karst. Runs in a host's
 * namespace, with a {@link ProbeServer} in the servers'.
 */
final class Probe {

    /** How long a connection that may never come about is waited for. */
    static final int PATIENCE_MS = 700;

    /** The same for one that should. */
    private static final int SURE_MS = 5000;

    private static final int TRIES = 6;
    private static final long HAIRPIN_NANOS = 50_000_000L;

    private static final InetSocketAddress A1P1 = ProbeWire.at(Plan.SERVER, ProbeWire.PORT);
    private static final InetSocketAddress A1P2 = ProbeWire.at(Plan.SERVER, ProbeWire.PORT2);
    private static final InetSocketAddress A2P1 = ProbeWire.at(Plan.SERVER2, ProbeWire.PORT);
    private static final InetSocketAddress A2P2 = ProbeWire.at(Plan.SERVER2, ProbeWire.PORT2);

    private final Random random = new Random();
    private final Set<Integer> used = new HashSet<>();

    /** Ports of one inside socket, in order of time. */
    record Pair(int inside, int outside) {}

    /** Whether, and with which source, packets to an own external endpoint come back. */
    enum Hairpin {
        NO,
        EXTERNAL,
        INSIDE
    }

    /** Empty where nothing came through at all. */
    record Result(
            Optional<Mapping> mapping,
            Optional<Filtering> filtering,
            List<Pair> ports,
            List<Pair> inRow,
            List<Integer> portsOfOne,
            Hairpin hairpin,
            Optional<Mapping> tcpMapping,
            Optional<Filtering> tcpFiltering) {}

    private final NetNs neighbour;

    private Probe(NetNs neighbour) {
        this.neighbour = neighbour;
    }

    /**
     * Call it on a thread in the host's namespace.
     *
     * @param neighbour another host behind the same router, or the same one
     */
    static Result run(NetNs neighbour) throws Exception {
        Probe probe = new Probe(neighbour);
        List<Pair> ports = probe.ports(new int[12]);
        return new Result(
                probe.mapping(),
                probe.filtering(),
                ports,
                ports.isEmpty() ? List.of() : probe.ports(probe.row()),
                ports.isEmpty() ? List.of() : probe.portsOfOne(),
                ports.isEmpty() ? Hairpin.NO : probe.hairpin(),
                probe.tcpMapping(),
                probe.tcpFiltering());
    }

    private int localPort() {
        int port;
        do {
            port = 10_000 + random.nextInt(20_000);
        } while (!used.add(port));
        return port;
    }

    private DatagramChannel udp() throws IOException {
        return UdpAsk.bound(localPort());
    }

    private Optional<Mapping> mapping() throws IOException {
        try (DatagramChannel by = udp()) {
            return mapping(UdpAsk.seen(by, List.of(A1P1, A1P2, A2P1)));
        }
    }

    private static Optional<Mapping> mapping(Map<Integer, InetSocketAddress> seen) {
        if (seen.size() < 3) {
            return Optional.empty();
        }
        if (!seen.get(0).equals(seen.get(1))) {
            return Optional.of(Mapping.ADDRESS_AND_PORT_DEPENDENT);
        }
        return Optional.of(
                seen.get(0).equals(seen.get(2))
                        ? Mapping.ENDPOINT_INDEPENDENT
                        : Mapping.ADDRESS_DEPENDENT);
    }

    private Optional<Filtering> filtering() throws IOException {
        try (DatagramChannel by = udp()) {
            if (UdpAsk.seen(by, A1P1).isEmpty()) {
                return Optional.empty();
            }
            boolean port = UdpAsk.answered(by, A1P1, ProbeWire.OTHER_PORT);
            boolean address = UdpAsk.answered(by, A1P1, ProbeWire.OTHER_ADDRESS);
            return Optional.of(filtering(port, address));
        }
    }

    private static Filtering filtering(boolean port, boolean address) {
        if (address) {
            return Filtering.ENDPOINT_INDEPENDENT;
        }
        return port ? Filtering.ADDRESS_DEPENDENT : Filtering.ADDRESS_AND_PORT_DEPENDENT;
    }

    /** New sockets, one after the other, on these ports; 0 for any. */
    private List<Pair> ports(int[] local) throws IOException {
        List<Pair> pairs = new ArrayList<>();
        List<DatagramChannel> open = new ArrayList<>();
        try {
            for (int port : local) {
                DatagramChannel by = port == 0 ? udp() : UdpAsk.bound(port);
                open.add(by);
                InetSocketAddress seen = UdpAsk.seen(by, A1P1).orElse(null);
                if (seen == null) {
                    break;
                }
                pairs.add(new Pair(by.socket().getLocalPort(), seen.getPort()));
            }
        } finally {
            for (DatagramChannel by : open) {
                by.close();
            }
        }
        return pairs;
    }

    private int[] row() {
        int first = 40_000 + random.nextInt(10_000);
        return IntStream.range(first, first + 5).toArray();
    }

    /** One socket towards four places. */
    private List<Integer> portsOfOne() throws IOException {
        List<Integer> ports = new ArrayList<>();
        try (DatagramChannel by = udp()) {
            for (InetSocketAddress to : List.of(A1P1, A1P2, A2P1, A2P2)) {
                InetSocketAddress seen = UdpAsk.seen(by, to).orElse(null);
                ports.add(seen == null ? 0 : seen.getPort());
            }
        }
        return ports;
    }

    /**
     * Two sockets of this host send to each other's external endpoints; both, so that filters are
     * open.
     */
    private Hairpin hairpin() throws Exception {
        try (DatagramChannel a = udp();
                DatagramChannel b = neighbour.call(this::udp)) {
            Map<DatagramChannel, InetSocketAddress> outside = new HashMap<>();
            for (DatagramChannel by : List.of(a, b)) {
                InetSocketAddress seen = UdpAsk.seen(by, A1P1).orElse(null);
                if (seen == null) {
                    return Hairpin.NO;
                }
                outside.put(by, seen);
            }
            for (int i = 0; i < TRIES; i++) {
                a.send(ProbeWire.request(i, ProbeWire.SAME), outside.get(b));
                b.send(ProbeWire.request(i, ProbeWire.SAME), outside.get(a));
                for (DatagramChannel by : List.of(a, b)) {
                    Optional<UdpAsk.Heard> heard =
                            UdpAsk.hear(by, System.nanoTime() + HAIRPIN_NANOS);
                    if (heard.isPresent()) {
                        boolean external =
                                heard.get().from().getAddress().equals(outside.get(a).getAddress());
                        return external ? Hairpin.EXTERNAL : Hairpin.INSIDE;
                    }
                }
            }
            return Hairpin.NO;
        }
    }

    private static ProbeWire.Answer ask(SocketChannel by, byte what) throws IOException {
        by.socket().getOutputStream().write(ProbeWire.request(7, what).array());
        byte[] answer = by.socket().getInputStream().readNBytes(ProbeWire.ANSWER);
        return ProbeWire.answer(ByteBuffer.wrap(answer))
                .orElseThrow(() -> new IOException("the server left"));
    }

    private Optional<Mapping> tcpMapping() throws IOException {
        int port = localPort();
        List<SocketChannel> open = new ArrayList<>();
        Map<Integer, InetSocketAddress> seen = new TreeMap<>();
        try {
            for (InetSocketAddress to : List.of(A1P1, A1P2, A2P1)) {
                SocketChannel by = Tcp.from(port, to, SURE_MS);
                open.add(by);
                seen.put(seen.size(), ask(by, ProbeWire.SAME).seen());
            }
        } catch (IOException e) {
            return Optional.empty();
        } finally {
            for (SocketChannel by : open) {
                by.close();
            }
        }
        return mapping(seen);
    }

    private Optional<Filtering> tcpFiltering() throws IOException {
        int port = localPort();
        try (ServerSocketChannel listening =
                ServerSocketChannel.open(StandardProtocolFamily.INET)) {
            Tcp.shared(listening);
            listening.bind(new InetSocketAddress("0.0.0.0", port));
            try (SocketChannel by = Tcp.from(port, A1P1, SURE_MS)) {
                by.socket().setSoTimeout(SURE_MS);
                boolean fromPort = ask(by, ProbeWire.OTHER_PORT).what() == ProbeWire.OTHER_PORT;
                boolean fromAddress =
                        ask(by, ProbeWire.OTHER_ADDRESS).what() == ProbeWire.OTHER_ADDRESS;
                return Optional.of(filtering(fromPort, fromAddress));
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * What the ports look like, in the words of {@link Allocation}; the narrowest rule that all of
     * them obey.
     */
    static String allocation(List<Pair> ports, List<Pair> inRow) {
        if (ports.size() < 6) {
            return "?";
        }
        if (ports.stream().allMatch(p -> p.inside == p.outside)) {
            return "preserve";
        }
        Set<Integer> steps = steps(ports);
        if (steps.size() == 1) {
            return "seq" + steps.iterator().next();
        }
        if (ports.stream()
                        .map(p -> Math.floorMod(p.outside - p.inside, 65536 - 1024))
                        .distinct()
                        .count()
                == 1) {
            return "distance";
        }
        Set<Integer> following = steps(inRow);
        if (inRow.size() > 3 && following.size() == 1) {
            return "dep" + following.iterator().next();
        }
        int low = ports.stream().min(Comparator.comparingInt(Pair::outside)).orElseThrow().outside;
        int high = ports.stream().max(Comparator.comparingInt(Pair::outside)).orElseThrow().outside;
        if (low >= NftRules.RANGE_LOW && high <= NftRules.RANGE_HIGH) {
            return "range";
        }
        return ports.stream().allMatch(p -> (p.inside & 1) == (p.outside & 1))
                ? "parity"
                : "random";
    }

    private static Set<Integer> steps(List<Pair> ports) {
        Set<Integer> steps = new HashSet<>();
        for (int i = 1; i < ports.size(); i++) {
            steps.add(ports.get(i).outside - ports.get(i - 1).outside);
        }
        return steps;
    }
}
