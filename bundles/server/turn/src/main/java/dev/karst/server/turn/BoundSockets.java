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
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The server's sockets: each address has the same ports, over UDP and TCP. */
final class BoundSockets implements AutoCloseable {
    /** How often to look for a port that is free everywhere. */
    private static final int TRIES = 100;

    private final List<Socket> sockets = new ArrayList<>();
    private final ServerConfig config;
    private int port;
    private int alternatePort = -1;
    private int tlsPort = -1;

    /**
     * A pair on the same address and port. {@code tcp} is null if there is none; {@code tls}, on a
     * port of its own, too.
     */
    record Socket(
            ServerConfig.Address address,
            DatagramChannel udp,
            ServerSocketChannel tcp,
            ServerSocketChannel tls) {
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
            if (config.relay().tls().isPresent()) {
                out.bindTls(config.relay().tls().get().port());
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

    /** Beside the first port of each address. */
    private void bindTls(int wanted) {
        tlsPort = wanted;
        for (int i = 0; i < sockets.size(); i++) {
            Socket s = sockets.get(i);
            if (s.port() == port) {
                try {
                    ServerSocketChannel tls = listen(s.address(), tlsPort);
                    tlsPort = tls.socket().getLocalPort();
                    sockets.set(i, new Socket(s.address(), s.udp(), s.tcp(), tls));
                } catch (IOException e) {
                    throw new IllegalStateException(
                            "cannot listen on TLS port " + tlsPort + ": " + e.getMessage(), e);
                }
            }
        }
    }

    private static ServerSocketChannel listen(ServerConfig.Address address, int at)
            throws IOException {
        ServerSocketChannel out =
                ServerSocketChannel.open(
                        address.four()
                                ? StandardProtocolFamily.INET
                                : StandardProtocolFamily.INET6);
        try {
            out.configureBlocking(false);
            out.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            out.bind(new InetSocketAddress(address.bind(), at), 256);
            return out;
        } catch (IOException | RuntimeException e) {
            out.close();
            throw e;
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
            udp.setOption(StandardSocketOptions.SO_RCVBUF, 1 << 21);
            udp.setOption(StandardSocketOptions.SO_SNDBUF, 1 << 20);
            udp.bind(new InetSocketAddress(ip, at));
            if (config.tcp()) {
                what = "TCP";
                tcp = listen(address, udp.socket().getLocalPort());
            }
            Socket out = new Socket(address, udp, tcp, null);
            sockets.add(out);
            return out;
        } catch (IOException e) {
            close(new Socket(address, udp, tcp, null));
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
    int tlsPort() {
        return tlsPort;
    }

    /** All that is listened at. */
    Set<Integer> ports() {
        Set<Integer> out = new HashSet<>(List.of(port, alternatePort, tlsPort));
        out.remove(-1);
        return out;
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
            if (s.tls() != null) {
                s.tls().close();
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
