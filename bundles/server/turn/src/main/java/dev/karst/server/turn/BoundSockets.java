// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;

/** The server's sockets: each address has the same ports, over UDP and TCP. */
final class BoundSockets implements AutoCloseable {
    /** How often to look for a port that is free everywhere. */
    private static final int TRIES = 100;

    private final List<Socket> sockets = new ArrayList<>();
    private final ServerConfig config;
    private int port;
    private int alternatePort = -1;

    /** A pair on the same address and port. {@code tcp} is null if there is none. */
    record Socket(ServerConfig.Address address, DatagramChannel udp, ServerSocketChannel tcp) {
        int port() {
            return udp.socket().getLocalPort();
        }

        InetSocketAddress told() {
            return new InetSocketAddress(address.told(), port());
        }
    }

    private BoundSockets(ServerConfig config) {
        this.config = config;
    }

    /**
     * Binds all, or none.
     *
     * @throws IllegalStateException that says which could not be bound and why
     */
    static BoundSockets open(ServerConfig config) {
        BoundSockets out = new BoundSockets(config);
        try {
            out.port = out.bind(config.port());
            if (config.alternatePort() >= 0) {
                out.alternatePort = out.bind(config.alternatePort());
            }
            return out;
        } catch (RuntimeException e) {
            out.close();
            throw e;
        }
    }

    private int bind(int wanted) {
        for (int left = wanted == 0 ? TRIES : 1; ; left--) {
            int before = sockets.size();
            int at = wanted;
            try {
                for (ServerConfig.Address a : config.addresses()) {
                    at = bind(a, at).port();
                }
                return at;
            } catch (IllegalStateException e) {
                while (sockets.size() > before) {
                    close(sockets.remove(sockets.size() - 1));
                }
                if (left <= 1) {
                    throw e;
                }
            }
        }
    }

    private Socket bind(ServerConfig.Address address, int at) {
        InetAddress ip = address.bind();
        ProtocolFamily family =
                address.four() ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
        DatagramChannel udp = null;
        ServerSocketChannel tcp = null;
        String what = "UDP";
        try {
            udp = DatagramChannel.open(family);
            udp.configureBlocking(false);
            udp.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
            udp.bind(new InetSocketAddress(ip, at));
            if (config.tcp()) {
                what = "TCP";
                tcp = ServerSocketChannel.open(family);
                tcp.configureBlocking(false);
                tcp.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                tcp.bind(new InetSocketAddress(ip, udp.socket().getLocalPort()), 256);
            }
            Socket out = new Socket(address, udp, tcp);
            sockets.add(out);
            return out;
        } catch (IOException e) {
            close(new Socket(address, udp, tcp));
            throw new IllegalStateException(
                    "cannot listen on "
                            + what
                            + " "
                            + ip.getHostAddress()
                            + " port "
                            + at
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /**
     * Those that may answer for each other, in the order of {@link
     * dev.karst.lib.stun.server.StunEnds}: all of a family if there are two ports, else each alone.
     */
    List<List<Socket>> groups() {
        List<List<Socket>> out = new ArrayList<>();
        for (boolean four : new boolean[] {true, false}) {
            List<Socket> family = new ArrayList<>();
            for (ServerConfig.Address a : config.family(four)) {
                sockets.stream().filter(s -> s.address().equals(a)).forEach(family::add);
            }
            if (alternatePort < 0) {
                family.forEach(s -> out.add(List.of(s)));
            } else if (!family.isEmpty()) {
                out.add(family);
            }
        }
        return out;
    }

    List<ServerConfig.Address> addresses() {
        return config.addresses();
    }

    int port() {
        return port;
    }

    /** -1 if there is none. */
    int alternatePort() {
        return alternatePort;
    }

    private static void close(Socket s) {
        try {
            if (s.udp() != null) {
                s.udp().close();
            }
            if (s.tcp() != null) {
                s.tcp().close();
            }
        } catch (IOException e) {
            // Nothing is lost: it was not in use.
        }
    }

    @Override
    public void close() {
        sockets.forEach(BoundSockets::close);
        sockets.clear();
    }
}
