// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import dev.karst.Subscription;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The network, real or simulated. Sockets belong to the core; they end with the scope they were
 * made in unless the core took them over. Stages complete on a network thread and fail with {@link
 * java.io.IOException}.
 */
@ProviderType
public interface Network {
    /**
     * Binds a UDP socket.
     *
     * @param local address and port; port 0 picks one; the wildcard address serves both families;
     *     multicasts leave by the interface that has the address
     */
    CompletionStage<UdpSocket> bindUdp(InetSocketAddress local);

    /**
     * Binds a UDP socket that receives what is sent to a multicast group on one interface; others
     * on this machine may do the same. What is sent through it leaves by that interface.
     *
     * @param group address and port
     * @param interfaceName as in {@link InterfaceAddress#name}
     */
    CompletionStage<UdpSocket> joinGroup(InetSocketAddress group, String interfaceName);

    /** Listens for TCP connections; port 0 picks one. */
    CompletionStage<TcpListener> listenTcp(InetSocketAddress local, TcpAcceptor acceptor);

    /**
     * Connects by TCP. The socket reads nothing before {@link TcpSocket#start}.
     *
     * @param remote a resolved address
     */
    CompletionStage<TcpSocket> connectTcp(InetSocketAddress remote);

    /**
     * Connects by TCP from a chosen local port, which other sockets may share while their remote
     * ends differ (SO_REUSEADDR, and SO_REUSEPORT where the platform has it); a SYN that meets the
     * peer's SYN makes a connection, too (RFC 9293 section 3.5, simultaneous open).
     *
     * @param local address and port; port 0 picks one
     */
    CompletionStage<TcpSocket> connectTcp(InetSocketAddress local, InetSocketAddress remote);

    /**
     * Connects by TCP and TLS 1.2 or 1.3; completes after the TLS handshake.
     *
     * @param host name for SNI and certificate check
     */
    CompletionStage<TcpSocket> connectTls(
            InetSocketAddress remote, String host, TlsOptions options);

    /**
     * Resolves a host name or address literal, off the calling thread; never empty.
     *
     * @return fails with {@link java.net.UnknownHostException}
     */
    CompletionStage<List<InetAddress>> resolve(String host);

    /** Addresses of this machine's interfaces that are up, loopback last. */
    List<InterfaceAddress> interfaces();

    /** The default routes, at most one for each family and interface, the preferred one first. */
    List<Gateway> gateways();

    /**
     * Tells when addresses or default routes of this machine changed, within a few seconds, until
     * the subscription is closed or the scope is over. On a network thread: never block.
     */
    Subscription onChange(Runnable changed);

    /**
     * A default route.
     *
     * @param name of the interface
     * @param local the address that packets leave with
     * @param router the next hop; empty on a point-to-point link or where the system does not tell
     */
    record Gateway(String name, InetAddress local, Optional<InetAddress> router) {}

    /**
     * An address of an interface.
     *
     * @param name of the interface
     * @param prefix length of the network in bits
     */
    record InterfaceAddress(String name, InetAddress address, int prefix) {}
}
