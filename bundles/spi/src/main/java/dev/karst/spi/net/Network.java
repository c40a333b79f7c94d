// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
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
     * @param local address and port; port 0 picks one; the wildcard address serves both families
     */
    CompletionStage<UdpSocket> bindUdp(InetSocketAddress local);

    /** Listens for TCP connections; port 0 picks one. */
    CompletionStage<TcpListener> listenTcp(InetSocketAddress local, TcpAcceptor acceptor);

    /**
     * Connects by TCP. The socket reads nothing before {@link TcpSocket#start}.
     *
     * @param remote a resolved address
     */
    CompletionStage<TcpSocket> connectTcp(InetSocketAddress remote);

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

    /**
     * An address of an interface.
     *
     * @param name of the interface
     * @param prefix length of the network in bits
     */
    record InterfaceAddress(String name, InetAddress address, int prefix) {}
}
