// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.AccessPolicy;
import dev.karst.DatagramPipe;
import dev.karst.Node;
import dev.karst.Peer;
import dev.karst.PeerId;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.Subscription;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The passive side: sends as much as it gets, checks all of it, and reports in its headers. */
@Component(
        service = {},
        immediate = true)
public final class Mirror {
    static final ProtocolId STREAM = ProtocolId.of("itest/hashed");
    static final ProtocolId DATAGRAMS = ProtocolId.of("itest/numbered");
    private final Node node;
    private final Map<PeerId, Numbered> datagrams = new ConcurrentHashMap<>();
    private final Map<PeerId, Pauses> pauses = new ConcurrentHashMap<>();
    private final List<Subscription> open;

    @Activate
    public Mirror(@Reference Node node) {
        this.node = node;
        open =
                List.of(
                        node.accept(
                                STREAM,
                                AccessPolicy.any(),
                                new PipeAcceptor() {
                                    @Override
                                    public void stream(Peer peer, StreamPipe pipe) {
                                        streamOf(peer.id(), pipe);
                                    }
                                }),
                        node.accept(
                                DATAGRAMS,
                                AccessPolicy.any(),
                                new PipeAcceptor() {
                                    @Override
                                    public void datagrams(Peer peer, DatagramPipe pipe) {
                                        datagramsOf(peer.id(), pipe);
                                    }
                                }));
    }

    private void streamOf(PeerId peer, StreamPipe pipe) {
        Pauses p = pauses.computeIfAbsent(peer, id -> new Pauses(node, id));
        new Duplex(pipe, () -> datagrams.get(peer), p::list);
    }

    private void datagramsOf(PeerId peer, DatagramPipe pipe) {
        Numbered former = datagrams.put(peer, new Numbered(pipe, 0));
        if (former != null) {
            former.close();
        }
    }

    @Deactivate
    void stop() {
        open.forEach(Subscription::close);
        datagrams.values().forEach(Numbered::close);
        pauses.values().forEach(Pauses::close);
    }
}
