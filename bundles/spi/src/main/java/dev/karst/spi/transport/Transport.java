// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.transport;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.TcpSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Carries frames between two endpoints. Service properties: {@code karst.name}, {@code
 * karst.scheme}. Called by the core on a thread of the provider.
 */
@ConsumerType
public interface Transport {
    /**
     * Listens until the scope is cancelled or the result is closed.
     *
     * @param at where; port 0 picks one
     * @param acceptor told of every inbound path
     * @return completes when it listens; fails with {@link java.io.IOException} (port in use …)
     */
    CompletionStage<Listening> listen(Endpoint at, PathAcceptor acceptor, Scope scope);

    /**
     * Opens a path. Cancelling the scope before it completes ends the try and leaves nothing; after
     * that the path is the caller's, and cancelling closes it.
     *
     * @return fails with {@link java.io.IOException}: refused, unreachable, timed out
     */
    CompletionStage<Path> dial(Endpoint to, Scope scope);

    /**
     * Makes a path of a TCP connection that a strategy opened, such as one made by simultaneous
     * open. Only asked of transports whose service property {@code karst.over} lists {@code tcp}.
     *
     * @param socket connected, not started; the path's from now on, and closed if this fails
     * @param client whether this end goes first where the protocol needs that; the other end is
     *     asked with the opposite
     * @param scope as with {@link #dial}
     */
    default CompletionStage<Path> over(TcpSocket socket, boolean client, Scope scope) {
        return CompletableFuture.failedStage(
                new UnsupportedOperationException("this transport takes no TCP connections"));
    }

    /**
     * Makes a path of datagrams to one remote endpoint, which may be lost, repeated and reordered.
     * Only asked of transports whose service property {@code karst.over} lists {@code udp}.
     *
     * @param flow not started; the path's from now on, and closed if this fails
     * @param client as above
     * @param scope as with {@link #dial}
     */
    default CompletionStage<Path> over(DatagramFlow flow, boolean client, Scope scope) {
        return CompletableFuture.failedStage(
                new UnsupportedOperationException("this transport takes no datagrams"));
    }

    /**
     * Called once after the provider came, when nothing waits for it: a chance to load and to make
     * what the first path would wait for. Ends with the scope, after ten seconds at most; that it
     * failed has no consequence.
     */
    default CompletionStage<Void> prepare(Scope scope) {
        return CompletableFuture.completedStage(null);
    }
}
