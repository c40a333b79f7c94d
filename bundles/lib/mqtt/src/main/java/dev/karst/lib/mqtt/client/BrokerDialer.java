// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

/** One try to connect: resolves the host and goes through its addresses, 5 s each. */
final class BrokerDialer {
    private static final Duration PER_ADDRESS = Duration.ofSeconds(5);

    /** More addresses than that only delay the next, fresh look-up. */
    private static final int MAX_ADDRESSES = 6;

    private final BrokerUrl url;
    private final Scope scope;
    private final CompletableFuture<TcpSocket> result = new CompletableFuture<>();

    private BrokerDialer(BrokerUrl url, Scope scope) {
        this.url = url;
        this.scope = scope;
    }

    /** Completes with a socket that was not started; a caller that gave up must abort it. */
    static CompletableFuture<TcpSocket> dial(BrokerUrl url, Scope scope) {
        BrokerDialer dialer = new BrokerDialer(url, scope);
        dialer.attempt(
                network -> network.resolve(url.host()),
                addresses -> dialer.next(addresses, 0),
                dialer::fail);
        return dialer.result;
    }

    private void next(List<InetAddress> addresses, int index) {
        InetSocketAddress to = new InetSocketAddress(addresses.get(index), url.port());
        attempt(
                network ->
                        url.tls()
                                ? network.connectTls(to, url.host(), url.tlsOptions())
                                : network.connectTcp(to),
                this::connected,
                error -> {
                    boolean more = index + 1 < Math.min(addresses.size(), MAX_ADDRESSES);
                    if (more && !result.isDone()) {
                        next(addresses, index + 1);
                    } else {
                        fail(error);
                    }
                });
    }

    private void connected(TcpSocket socket) {
        if (!result.complete(socket)) {
            socket.abort();
        }
    }

    private void fail(Throwable error) {
        result.completeExceptionally(error);
    }

    private interface Step<T> {
        CompletionStage<T> start(Network network);
    }

    /** Whatever comes first counts: the answer or the end of its time; a late socket is aborted. */
    private <T> void attempt(
            Step<T> step,
            java.util.function.Consumer<T> then,
            java.util.function.Consumer<Throwable> otherwise) {
        AtomicBoolean over = new AtomicBoolean();
        Subscription timer =
                scope.after(
                        PER_ADDRESS,
                        () -> {
                            if (over.compareAndSet(false, true)) {
                                otherwise.accept(new IOException("no answer in time"));
                            }
                        });
        CompletionStage<T> stage;
        try {
            stage = step.start(scope.network());
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedFuture(e);
        }
        stage.whenComplete(
                (value, error) -> {
                    if (!over.compareAndSet(false, true)) {
                        if (value instanceof TcpSocket late) {
                            late.abort();
                        }
                        return;
                    }
                    timer.close();
                    if (error != null) {
                        otherwise.accept(error);
                    } else {
                        then.accept(value);
                    }
                });
    }
}
