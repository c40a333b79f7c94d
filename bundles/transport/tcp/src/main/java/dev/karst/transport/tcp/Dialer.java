// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.tcp;

import dev.karst.Endpoint;
import dev.karst.IpAddresses;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.transport.Path;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/**
 * Tries all addresses of a name in order: the next one when one fails, or beside it when it takes
 * long. The first that connects is taken.
 */
final class Dialer {
    /** RFC 8305, section 5. */
    private static final Duration STAGGER = Duration.ofMillis(250);

    private final Endpoint to;
    private final List<InetAddress> addresses;
    private final Scope scope;
    private final CompletableFuture<Path> result;
    private final Scratch scratch;
    private final Subscription onCancel;

    private final List<String> failures = new ArrayList<>(); // these guarded by this
    private int started;
    private Subscription timer = () -> {};

    Dialer(
            Endpoint to,
            List<InetAddress> addresses,
            Scope scope,
            CompletableFuture<Path> result,
            Scratch scratch) {
        this.to = to;
        this.addresses = addresses;
        this.scope = scope;
        this.result = result;
        this.scratch = scratch;
        onCancel =
                scope.onCancel(
                        () -> result.completeExceptionally(new CancellationException("cancelled")));
        result.whenComplete((p, e) -> end());
    }

    private void end() {
        onCancel.close();
        synchronized (this) {
            timer.close();
        }
    }

    /** Starts the next address, if there is one. */
    void next() {
        InetAddress address;
        synchronized (this) {
            if (started == addresses.size() || result.isDone()) {
                return;
            }
            address = addresses.get(started++);
            timer.close();
            if (started < addresses.size()) {
                timer = scope.after(STAGGER, this::next);
            }
        }
        scope.network()
                .connectTcp(new InetSocketAddress(address, to.port()))
                .whenComplete((s, e) -> ended(address, s, e));
    }

    private void ended(InetAddress address, TcpSocket socket, Throwable e) {
        if (e == null) {
            if (!result.complete(new TcpPath(socket, scope, scratch))) {
                socket.abort(); // another was faster, or nobody waits
            }
            return;
        }
        synchronized (this) {
            failures.add(
                    addresses.size() == 1
                            ? Reasons.of(e)
                            : IpAddresses.text(address) + " " + Reasons.of(e));
            if (failures.size() == addresses.size()) {
                timer.close();
            }
        }
        if (allFailed()) {
            result.completeExceptionally(
                    new IOException(String.join(", ", failures), Reasons.cause(e)));
        } else {
            next();
        }
    }

    private synchronized boolean allFailed() {
        return failures.size() == addresses.size();
    }
}
