// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.PipeOptions;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;

/** Each TCP connection becomes a stream pipe. */
final class StreamForward extends Forward {
    StreamForward(
            Endpoint asked,
            PeerId peer,
            String name,
            String origin,
            Limits limits,
            Semaphore slots) {
        super(asked, peer, name, origin, limits, slots);
    }

    @Override
    CompletionStage<InetSocketAddress> bind(InetSocketAddress local, Attachment at) {
        return at.scope()
                .network()
                .listenTcp(local, socket -> accepted(socket, at))
                .thenApply(TcpListener::local);
    }

    private void accepted(TcpSocket socket, Attachment at) {
        Links.Link link = links.take().orElse(null);
        if (link == null) {
            refuse(at.scope());
            socket.abort();
            return;
        }
        link.onAbort(socket::abort);
        at.connect()
                .thenCompose(p -> p.openStream(protocol(), PipeOptions.defaults()))
                .whenComplete(
                        (pipe, error) -> {
                            if (error != null) {
                                meter.failed(at.scope(), Texts.cause(error));
                                // A reset, not an end: "nothing was said" would look like an
                                // answer.
                                socket.abort();
                                link.end();
                                return;
                            }
                            meter.opened();
                            StreamBridge b = new StreamBridge(socket, pipe, meter, link::end);
                            b.start();
                            link.onAbort(b::abort);
                        });
    }
}
