// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.traversal;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.spi.Scope;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.transport.Path;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One try of one strategy towards one peer; both sides hold it under the same id. Thread-safe; late
 * calls after the end are ignored or fail with {@link java.util.concurrent.CancellationException}.
 */
@ProviderType
public interface Attempt {
    /** 128 random bits in hex, the same on both sides. */
    String id();

    PeerId peer();

    /** True where {@code connect} was called; the other side takes part under the same id. */
    boolean initiator();

    /** Where this node may be reached. */
    List<Endpoint> localCandidates();

    /** Where the peer said it may be reached, in its own order of preference; unproven. */
    List<Endpoint> remoteCandidates();

    NatProfile localNat();

    NatProfile remoteNat();

    /** Opens a path by the transport of that scheme; fails with NO_PROVIDER where there is none. */
    CompletionStage<Path> dial(Endpoint to);

    /**
     * Views of the node's shared UDP sockets, one for each address family that has a way out; made
     * at the first call, started by the strategy, closed with the attempt.
     */
    List<PunchSocket> sockets();

    /**
     * A UDP socket of this attempt alone, used like the shared ones: for ports that are predicted
     * or found by chance. Closed with the attempt, unless a {@link #flow} goes through it. To the
     * public IPv4 address that servers saw of the peer's NAT ({@link #remoteNat}) such sockets may
     * send up to 600 packets to one port instead of 20; the limit of 1,200 packets to one IP
     * address in ten minutes stays.
     *
     * @param local address and port; port 0 picks one
     */
    CompletionStage<PunchSocket> bind(InetSocketAddress local);

    /**
     * Asks the installed {@link PortPredictor}s, the best first, until one has an opinion; a broken
     * or slow one is passed over.
     *
     * @return completes with its guesses, the likeliest first; empty where there is none
     */
    CompletionStage<List<PortGuess>> predict(PortSituation situation);

    /**
     * An address at a relay, shared with other attempts; fails where no relay is to be had. Its
     * {@link PunchSocket#user} is that of the other sockets.
     */
    CompletionStage<RelayPunchSocket> relay(RelayProvider.Family family);

    /**
     * Takes the datagrams from one remote endpoint, but for STUN, out of a socket of this attempt.
     *
     * @throws IllegalStateException if another path has that endpoint on that socket already
     */
    DatagramFlow flow(PunchSocket socket, InetSocketAddress remote);

    /**
     * Says that this address is the peer's at a relay: a path to it is used only while there is no
     * direct one. What goes through a {@link #relay} of our own is known to be relayed.
     */
    void relayed(InetAddress remote);

    /**
     * Makes a path of a flow by the best transport that can; the side that asked for the attempt is
     * its client. Fails with NO_PROVIDER where there is none.
     */
    CompletionStage<Path> over(DatagramFlow flow);

    /** The same of a TCP connection made in this attempt's scope, which then is the core's. */
    CompletionStage<Path> over(TcpSocket socket);

    /**
     * Sends a message to the same strategy of the same attempt on the other side, sealed, through
     * signaling: may be lost, and cost a broker's round trip. At most 1,024 bytes, 32 messages.
     * Fails with UNREACHABLE where there is no signaling.
     */
    CompletionStage<Void> tell(byte[] message);

    /**
     * Sets who is told of the other side's messages, on the scope's executor, those included that
     * came before. Once only.
     */
    void told(Consumer<byte[]> message);

    /**
     * Lets the core shake hands on a path that {@link #dial} or {@link #over} gave; on the side
     * that was asked it waits for the other's handshake. From then on the path is the core's:
     * closing it here does nothing, since the peer may have chosen it already.
     *
     * @return completes with the path when the peer proved its PeerId there; fails with a {@link
     *     dev.karst.KarstException} (the path is then closed)
     */
    CompletionStage<Path> prove(Path path);

    /** Adds a line of evidence to the ConnectReport: what was sent, seen or concluded. */
    void evidence(String line);

    Scope scope();
}
