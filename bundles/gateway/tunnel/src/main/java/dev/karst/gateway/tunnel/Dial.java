// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.Endpoint;
import dev.karst.Subscription;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TcpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Connects to a local service: every address of its host in turn, within a time limit. */
final class Dial {
    private Dial() {}

    /** Always completes: with a socket, or with the reason, at the latest when time is up. */
    static CompletionStage<TcpSocket> tcp(Endpoint target, Duration limit, Scope scope) {
        CompletableFuture<TcpSocket> result = new CompletableFuture<>();
        Subscription timer =
                scope.after(
                        limit,
                        () ->
                                result.completeExceptionally(
                                        new IOException(
                                                target
                                                        + " did not answer within "
                                                        + limit.toSeconds()
                                                        + " s")));
        Subscription cancel =
                scope.onCancel(() -> result.completeExceptionally(new IOException("stopped")));
        result.whenComplete(
                (s, e) -> {
                    timer.close();
                    cancel.close();
                });
        scope.network()
                .resolve(target.host())
                .whenComplete(
                        (addresses, error) -> {
                            if (error != null) {
                                result.completeExceptionally(
                                        new IOException(
                                                "no address of " + target.host() + " is known",
                                                Texts.cause(error)));
                            } else {
                                next(target, addresses, 0, scope, result);
                            }
                        });
        return result;
    }

    private static void next(
            Endpoint target,
            List<InetAddress> addresses,
            int index,
            Scope scope,
            CompletableFuture<TcpSocket> result) {
        if (result.isDone()) {
            return;
        }
        scope.network()
                .connectTcp(new InetSocketAddress(addresses.get(index), target.port()))
                .whenComplete(
                        (socket, error) -> {
                            if (socket != null) {
                                if (!result.complete(socket)) {
                                    socket.abort();
                                }
                            } else if (index + 1 < addresses.size()) {
                                next(target, addresses, index + 1, scope, result);
                            } else {
                                Throwable cause = Texts.cause(error);
                                result.completeExceptionally(
                                        new IOException(
                                                "the service at "
                                                        + target
                                                        + " does not answer: "
                                                        + Texts.sentence(cause),
                                                cause));
                            }
                        });
    }
}
