// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.quic;

import dev.karst.Endpoint;
import dev.karst.spi.Scope;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.transport.Listening;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.PathAcceptor;
import dev.karst.spi.transport.Transport;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Frames over QUIC, on datagram flows that the core holds. Holds a certificate and spare buffers.
 */
@Component(
        name = "dev.karst.transport.quic",
        service = Transport.class,
        property = {"karst.name=quic", "karst.scheme=quic", "karst.over=udp"})
public final class QuicTransport implements Transport {
    private final Credentials credentials = new Credentials();
    private final Scratch scratch = new Scratch();

    /** Loads the native part now: the first connection is not to wait 300 ms for it. */
    @Activate
    public QuicTransport() {
        Natives.missing();
    }

    @Override
    public CompletionStage<Listening> listen(Endpoint at, PathAcceptor acceptor, Scope scope) {
        return noSocket("listen on " + at);
    }

    @Override
    public CompletionStage<Path> dial(Endpoint to, Scope scope) {
        return noSocket("dial " + to);
    }

    private static <T> CompletionStage<T> noSocket(String what) {
        return CompletableFuture.failedFuture(
                new IOException(
                        "cannot " + what + ": QUIC runs over flows of the core's shared socket"));
    }

    @Override
    public CompletionStage<Void> prepare(Scope scope) {
        return Natives.missing().isPresent()
                ? CompletableFuture.completedFuture(null)
                : new Rehearsal(scope).play(this);
    }

    @Override
    public CompletionStage<Path> over(DatagramFlow flow, boolean client, Scope scope) {
        Optional<IOException> missing = Natives.missing();
        if (missing.isPresent()) {
            flow.close();
            return CompletableFuture.failedFuture(missing.get());
        }
        try {
            return new Opening(flow, client, scope, credentials.get(scope), scratch).begin();
        } catch (Exception e) {
            flow.close();
            return CompletableFuture.failedFuture(new IOException("QUIC cannot begin: " + e, e));
        }
    }
}
