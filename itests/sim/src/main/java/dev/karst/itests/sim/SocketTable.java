// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The ports of one host: who has them, and who gets a packet. */
final class SocketTable {
    private final SimHost host;
    private final Map<Pair, TcpConnection> connections = new LinkedHashMap<>();
    private final List<SimTcpListener> listeners = new ArrayList<>();
    private final List<SimUdpSocket> udp = new ArrayList<>();
    private int nextPort;

    private record Pair(InetSocketAddress local, InetSocketAddress remote) {}

    SocketTable(SimHost host, int firstPort) {
        this.host = host;
        this.nextPort = firstPort;
    }

    int open() {
        return udp.size() + listeners.size() + connections.size();
    }

    void clear() {
        List.copyOf(connections.values()).forEach(TcpConnection::vanish);
        connections.clear();
        listeners.clear();
        udp.clear();
    }

    // ---- who gets a packet

    void receive(Packet p) {
        if (p.body() instanceof Packet.Datagram d) {
            for (SimUdpSocket s : List.copyOf(udp)) {
                if (s.takes(p.to())) {
                    s.receive(p.from(), d.bytes());
                    if (!p.to().getAddress().isMulticastAddress()) {
                        return;
                    }
                }
            }
        } else if (p.body() instanceof Packet.Segment s) {
            segment(p, s);
        } else if (p.body() instanceof Packet.IcmpError e && e.about().tcp()) {
            TcpConnection known = connections.get(new Pair(e.about().from(), e.about().to()));
            if (known != null) {
                known.unreachable(e);
            }
        }
    }

    private void segment(Packet p, Packet.Segment s) {
        TcpConnection known = connections.get(new Pair(p.to(), p.from()));
        if (known != null && s.kind() == Packet.Kind.SYN && known.waitsInVain(s)) {
            known.vanish();
            known = null;
        }
        if (known != null) {
            known.receive(p.flow(), s);
            return;
        }
        if (s.kind() == Packet.Kind.SYN) {
            for (SimTcpListener l : List.copyOf(listeners)) {
                if (l.takes(p.to())) {
                    l.syn(p, s);
                    return;
                }
            }
        }
        if (s.kind() != Packet.Kind.RST) {
            host.send(new Packet(p.to(), p.from(), p.flow(), s.refusal()));
        }
    }

    // ---- who has them

    int freePort() {
        int port;
        do {
            port = nextPort;
            nextPort = nextPort == 65535 ? 49152 : nextPort + 1;
        } while (taken(port));
        return port;
    }

    private boolean taken(int port) {
        return listeners.stream().anyMatch(l -> l.local().getPort() == port)
                || udp.stream().anyMatch(u -> u.local().getPort() == port)
                || connections.keySet().stream().anyMatch(c -> c.local().getPort() == port);
    }

    /** Whether there is no connection between these two yet, nor one that is seen off. */
    boolean vacant(InetSocketAddress local, InetSocketAddress remote) {
        return !connections.containsKey(new Pair(local, remote));
    }

    void add(TcpConnection c) {
        connections.put(new Pair(c.local(), c.remote()), c);
    }

    void remove(TcpConnection c) {
        connections.remove(new Pair(c.local(), c.remote()), c);
    }

    void add(SimTcpListener l) throws BindException {
        for (SimTcpListener o : listeners) {
            if (overlap(o.local(), l.local())) {
                throw new BindException("Address already in use: " + Packet.text(l.local()));
            }
        }
        listeners.add(l);
    }

    void remove(SimTcpListener l) {
        listeners.remove(l);
    }

    void add(SimUdpSocket s) throws BindException {
        for (SimUdpSocket o : udp) {
            if (overlap(o.local(), s.local()) && !(o.group() && s.group())) {
                throw new BindException("Address already in use: " + Packet.text(s.local()));
            }
        }
        udp.add(s);
    }

    void remove(SimUdpSocket s) {
        udp.remove(s);
    }

    private static boolean overlap(InetSocketAddress a, InetSocketAddress b) {
        return a.getPort() == b.getPort()
                && (a.getAddress().isAnyLocalAddress()
                        || b.getAddress().isAnyLocalAddress()
                        || a.getAddress().equals(b.getAddress()));
    }

    /** Whether a socket bound to {@code bound} gets what is sent to {@code to}. */
    static boolean matches(InetSocketAddress bound, InetSocketAddress to) {
        return bound.getPort() == to.getPort()
                && (bound.getAddress().isAnyLocalAddress() && !to.getAddress().isMulticastAddress()
                        || bound.getAddress().equals(to.getAddress()));
    }
}
