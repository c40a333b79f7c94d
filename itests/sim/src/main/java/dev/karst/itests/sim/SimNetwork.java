// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.Subscription;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.TlsOptions;
import dev.karst.spi.net.UdpSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/** One view of a host's network; its sockets end with it. */
public final class SimNetwork implements Network, AutoCloseable {
    private static final String ETH = "eth0";
    private static final Duration LOOKUP = Duration.ofMillis(5);
    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

    private final SimHost host;
    private final Set<SimUdpSocket> udp = new LinkedHashSet<>();
    private final Set<SimTcpListener> listeners = new LinkedHashSet<>();
    private final Set<TcpConnection> connections = new LinkedHashSet<>();
    private final Set<Subscription> watches = new LinkedHashSet<>();
    private boolean closed;

    SimNetwork(SimHost host) {
        this.host = host;
    }

    SimHost host() {
        return host;
    }

    @FunctionalInterface
    private interface Attempt<T> {
        T get() throws IOException;
    }

    /** Carries out a system call now and tells its result a moment later, as an event. */
    private <T> CompletionStage<T> call(Attempt<T> attempt) {
        CompletableFuture<T> f = new CompletableFuture<>();
        try {
            if (closed) {
                throw new IOException("the scope of this network is over");
            }
            T result = attempt.get();
            host.after(Duration.ZERO, () -> f.complete(result));
        } catch (IOException e) {
            host.after(Duration.ZERO, () -> f.completeExceptionally(e));
        }
        return f;
    }

    private InetSocketAddress bindable(InetSocketAddress a) throws IOException {
        if (a.isUnresolved()) {
            throw new UnknownHostException(a.getHostString());
        }
        host.checkBindable(a.getAddress());
        return a.getPort() != 0
                ? a
                : new InetSocketAddress(a.getAddress(), host.sockets().freePort());
    }

    @Override
    public CompletionStage<UdpSocket> bindUdp(InetSocketAddress local) {
        return call(
                () -> {
                    SimUdpSocket s = new SimUdpSocket(this, bindable(local));
                    host.sockets().add(s);
                    udp.add(s);
                    return s;
                });
    }

    @Override
    public CompletionStage<TcpListener> listenTcp(InetSocketAddress local, TcpAcceptor acceptor) {
        return call(
                () -> {
                    SimTcpListener l = new SimTcpListener(this, bindable(local), acceptor);
                    host.sockets().add(l);
                    listeners.add(l);
                    return l;
                });
    }

    @Override
    public CompletionStage<UdpSocket> joinGroup(InetSocketAddress group, String interfaceName) {
        return call(
                () -> {
                    if (!group.getAddress().isMulticastAddress() || !ETH.equals(interfaceName)) {
                        throw new IOException("no group " + group + " at " + interfaceName);
                    }
                    SimUdpSocket s = new SimUdpSocket(this, group);
                    host.sockets().add(s);
                    host.realm().join(group.getAddress(), host);
                    udp.add(s);
                    return s;
                });
    }

    @Override
    public CompletionStage<TcpSocket> connectTcp(InetSocketAddress remote) {
        return connectTcp(new InetSocketAddress(0), remote);
    }

    @Override
    public CompletionStage<TcpSocket> connectTcp(
            InetSocketAddress wanted, InetSocketAddress remote) {
        CompletableFuture<TcpSocket> f = new CompletableFuture<>();
        try {
            if (closed) {
                throw new IOException("the scope of this network is over");
            }
            if (remote.isUnresolved()) {
                throw new UnknownHostException(remote.getHostString());
            }
            InetSocketAddress bound = bindable(wanted);
            InetAddress from =
                    bound.getAddress().isAnyLocalAddress()
                            ? host.sourceFor(remote.getAddress())
                            : bound.getAddress();
            InetSocketAddress local = new InetSocketAddress(from, bound.getPort());
            if (!host.sockets().vacant(local, remote)) {
                throw new BindException("Cannot assign requested address: there is a connection");
            }
            long id = host.world().newFlow();
            String server = host.world().nameOf(host.realm(), remote.getAddress());
            TcpFlow flow = new TcpFlow(id, host.name(), server, local, remote);
            TcpConnection c = new TcpConnection(this, flow, local, remote);
            connections.add(c);
            host.world().began(c);
            c.connect(f);
        } catch (IOException e) {
            host.after(Duration.ZERO, () -> f.completeExceptionally(e));
        }
        return f;
    }

    /**
     * A plain connection that takes one more round trip, if {@link SimWorld#tls} says that there is
     * TLS at that address under an acceptable certificate. Bytes are not encrypted.
     */
    @Override
    public CompletionStage<TcpSocket> connectTls(
            InetSocketAddress remote, String name, TlsOptions options) {
        return connectTcp(remote)
                .thenCompose(
                        socket -> {
                            TcpConnection c = (TcpConnection) socket;
                            CompletableFuture<TcpSocket> f = new CompletableFuture<>();
                            String refusal = host.world().tlsRefusal(remote, name, options);
                            host.after(
                                    c.roundTrip(),
                                    () -> {
                                        if (refusal.isEmpty()) {
                                            f.complete(c);
                                        } else {
                                            c.abort();
                                            f.completeExceptionally(new IOException(refusal));
                                        }
                                    });
                            return f;
                        });
    }

    @Override
    public CompletionStage<List<InetAddress>> resolve(String name) {
        CompletableFuture<List<InetAddress>> f = new CompletableFuture<>();
        host.after(
                LOOKUP,
                () -> {
                    try {
                        List<InetAddress> found =
                                LITERAL.matcher(name).matches()
                                        ? List.of(InetAddress.getByName(name))
                                        : host.world().lookup(name);
                        if (found.isEmpty()) {
                            throw new UnknownHostException(name);
                        }
                        f.complete(found);
                    } catch (UnknownHostException e) {
                        f.completeExceptionally(e);
                    }
                });
        return f;
    }

    @Override
    public List<InterfaceAddress> interfaces() {
        List<InterfaceAddress> out = new ArrayList<>();
        if (host.plugged()) {
            for (InetAddress a : host.addresses()) {
                out.add(new InterfaceAddress(ETH, a, a instanceof Inet4Address ? 24 : 64));
            }
        }
        out.add(new InterfaceAddress("lo", InetAddress.getLoopbackAddress(), 8));
        return out;
    }

    @Override
    public List<Gateway> gateways() {
        List<Gateway> out = new ArrayList<>();
        for (InetAddress a : host.plugged() ? host.addresses() : List.<InetAddress>of()) {
            boolean first = out.stream().noneMatch(g -> g.local().getClass() == a.getClass());
            if (first) {
                out.add(
                        new Gateway(
                                ETH,
                                a,
                                host.realm().routers().stream()
                                        .filter(r -> r.getClass() == a.getClass())
                                        .findFirst()));
            }
        }
        return out;
    }

    @Override
    public Subscription onChange(Runnable changed) {
        if (closed) {
            return () -> {};
        }
        Subscription s = host.watch(changed);
        watches.add(s);
        return () -> {
            watches.remove(s);
            s.close();
        };
    }

    /** Sockets of this view that are open. */
    public int open() {
        return udp.size() + listeners.size() + connections.size();
    }

    /** Takes over a socket that another view made; false if this view is closed. */
    public boolean adopt(TcpSocket socket) {
        if (!closed) {
            ((TcpConnection) socket).moveTo(this);
        }
        return !closed;
    }

    /** Takes over a socket that another view made; false if this view is closed. */
    public boolean adopt(UdpSocket socket) {
        if (!closed) {
            ((SimUdpSocket) socket).moveTo(this);
        }
        return !closed;
    }

    /** Closes what was made through this view. */
    @Override
    public void close() {
        closed = true;
        List.copyOf(watches).forEach(Subscription::close);
        watches.clear();
        List.copyOf(udp).forEach(SimUdpSocket::close);
        List.copyOf(listeners).forEach(SimTcpListener::close);
        List.copyOf(connections).forEach(TcpConnection::close);
    }

    void add(TcpConnection c) {
        connections.add(c);
    }

    void remove(TcpConnection c) {
        connections.remove(c);
    }

    void remove(SimTcpListener l) {
        listeners.remove(l);
    }

    void add(SimUdpSocket s) {
        udp.add(s);
    }

    void remove(SimUdpSocket s) {
        udp.remove(s);
    }
}
