// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.IpAddresses;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * One request, one response, one connection; all of it within {@link #LIMIT}.
 *
 * @param local the address to speak from: routers open ports only to who asks for himself
 * @param interfaceName the zone of link-local IPv6 addresses
 */
record Http(InetAddress local, String interfaceName, Scope scope) {
    static final Duration LIMIT = Duration.ofSeconds(5);

    CompletionStage<HttpReply> get(HttpUrl url) {
        return send(url, "GET", "", new byte[0]);
    }

    CompletionStage<HttpReply> post(HttpUrl url, String soapAction, byte[] xml) {
        String headers =
                "Content-Type: text/xml; charset=\"utf-8\"\r\n"
                        + ("SOAPAction: \"" + soapAction + "\"\r\n")
                        + ("Content-Length: " + xml.length + "\r\n");
        return send(url, "POST", headers, xml);
    }

    private CompletionStage<HttpReply> send(
            HttpUrl url, String method, String headers, byte[] content) {
        String head =
                (method + " " + url.path() + " HTTP/1.1\r\n")
                        + ("Host: " + url.authority() + "\r\n")
                        + "User-Agent: Karst UPnP/1.1\r\n"
                        + "Connection: close\r\n"
                        + (headers + "\r\n");
        CompletableFuture<HttpReply> result =
                Pending.in(scope, LIMIT, url.authority() + " did not answer in time");
        if (result.isDone()) {
            return result; // the scope is over: nothing is sent
        }
        connect(url)
                .whenComplete(
                        (socket, e) -> {
                            if (e != null) {
                                result.completeExceptionally(unreachable(url, e));
                            } else {
                                Exchange exchange = new Exchange(socket, result);
                                exchange.start(head, content);
                            }
                        });
        return result;
    }

    private static UpnpFailure unreachable(HttpUrl url, Throwable e) {
        return UpnpFailure.gone(
                url.authority() + " does not take connections: " + UpnpFailure.of(e).getMessage(),
                e);
    }

    private CompletionStage<TcpSocket> connect(HttpUrl url) {
        return remote(url)
                .thenCompose(
                        remote ->
                                scope.network()
                                        .connectTcp(new InetSocketAddress(local, 0), remote)
                                        .exceptionallyCompose(e -> unbound(remote, e)));
    }

    /** Where the address is not ours or the network does not bind: as the system likes. */
    private CompletionStage<TcpSocket> unbound(InetSocketAddress remote, Throwable e) {
        Throwable cause = e instanceof CompletionException ? e.getCause() : e;
        boolean answered =
                cause instanceof ConnectException || cause instanceof NoRouteToHostException;
        return answered ? CompletableFuture.failedFuture(e) : scope.network().connectTcp(remote);
    }

    private CompletionStage<InetSocketAddress> remote(HttpUrl url) {
        return zoned(url.host()).thenApply(host -> new InetSocketAddress(host, url.port()));
    }

    /** A link-local IPv6 address with its zone, without which the system cannot send to it. */
    CompletionStage<InetAddress> zoned(InetAddress a) {
        if (a.getAddress().length == 4 || !a.isLinkLocalAddress()) {
            return CompletableFuture.completedFuture(a);
        }
        return scope.network()
                .resolve(IpAddresses.text(a) + "%" + interfaceName)
                .thenApply(found -> found.get(0));
    }

    /** What the connection tells, one call at a time. */
    private static final class Exchange implements TcpHandler {
        private final TcpSocket socket;
        private final CompletableFuture<HttpReply> result;
        private final HttpReply reply = new HttpReply();

        Exchange(TcpSocket socket, CompletableFuture<HttpReply> result) {
            this.socket = socket;
            this.result = result;
        }

        void start(String head, byte[] content) {
            // Also when nobody waits any more: time is up, or the scope is over.
            result.whenComplete(
                    (r, e) -> {
                        if (e == null) {
                            socket.close();
                        } else {
                            socket.abort();
                        }
                    });
            if (!result.isDone()) {
                socket.start(this);
                socket.write(
                        ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)),
                        ByteBuffer.wrap(content));
            }
        }

        @Override
        public void bytes(ByteBuffer bytes) {
            try {
                if (!result.isDone() && reply.feed(bytes)) {
                    result.complete(reply);
                }
            } catch (UpnpFailure e) {
                result.completeExceptionally(e);
            }
        }

        @Override
        public void finished() {
            ended();
        }

        @Override
        public void closed(Optional<Throwable> why) {
            ended();
        }

        private void ended() {
            if (result.isDone()) {
                return;
            }
            try {
                reply.end();
                result.complete(reply);
            } catch (UpnpFailure e) {
                result.completeExceptionally(e);
            }
        }
    }
}
