// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.Node;
import dev.karst.NodeEvent;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PeerState;
import dev.karst.PipeOptions;
import dev.karst.StreamPipe;
import dev.karst.Subscription;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;

/** Streams for a while and tells whether anything broke meanwhile. */
@Service
@Command(
        scope = "itest",
        name = "stream",
        description = "Streams to a peer for so many seconds; fails if a path broke")
public final class StreamCommand implements Action {
    @Reference private Node node;

    @Argument(index = 0, name = "address", required = true, description = "Of the other node")
    private String address;

    @Argument(index = 1, name = "seconds", description = "How long")
    private String seconds = "30";

    @Override
    public Object execute() throws Exception {
        Peer peer =
                node.connect(PeerAddress.parse(address))
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
        StreamPipe pipe =
                peer.openStream(Sink.PROTOCOL, PipeOptions.defaults())
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
        // Spare paths of the race are closed within the first seconds.
        new CountDownLatch(1).await(3, TimeUnit.SECONDS);
        AtomicInteger broken = new AtomicInteger();
        Traffic traffic = new Traffic(pipe, 0);
        String outcome;
        try (Subscription events =
                node.watch(
                        e -> {
                            boolean down = e instanceof NodeEvent.PathDown;
                            boolean lost =
                                    e instanceof NodeEvent.PeerChanged c
                                            && c.state() != PeerState.CONNECTED;
                            if (down || lost) {
                                broken.incrementAndGet();
                            }
                        })) {
            traffic.start();
            new CountDownLatch(1).await(Long.parseLong(seconds), TimeUnit.SECONDS);
            outcome = traffic.end(60_000);
        }
        boolean ok = outcome.equals("equal") && broken.get() == 0;
        System.out.printf(
                "RESULT seconds=%s hash=%s paths_broken=%d mib=%d ok=%b%n",
                seconds, outcome.replace(' ', '_'), broken.get(), traffic.sent >> 20, ok);
        if (!ok) {
            throw new IllegalStateException("something broke under the stream");
        }
        return null;
    }
}
