// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.AccessPolicy;
import dev.karst.ConnectReport;
import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.KeyCertificate;
import dev.karst.Node;
import dev.karst.NodeEvent;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.PipeAcceptor;
import dev.karst.ProtocolId;
import dev.karst.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A node with the peers that a test gives it. */
final class FakeNode implements Node {
    static final Instant NOON = Instant.parse("2026-05-01T12:00:00Z");

    record Opened(ProtocolId protocol, AccessPolicy who, PipeAcceptor acceptor) {}

    final List<FakePeer> peers = new CopyOnWriteArrayList<>();
    final List<Opened> opened = new CopyOnWriteArrayList<>();
    volatile Consumer<? super NodeEvent> listener;
    volatile ConnectReport report;
    private final PeerId id;

    FakeNode(int number) {
        id = id(number);
    }

    static PeerId id(int number) {
        byte[] key = new byte[PeerId.SIZE];
        Arrays.fill(key, (byte) number);
        return PeerId.of(key);
    }

    static PeerAddress address(int number) {
        KeyCertificate c = new KeyCertificate(new byte[32], 1, new byte[64]);
        return new PeerAddress(
                id(number), c, c, List.of(Endpoint.parse("mqtt://broker:1883")), List.of());
    }

    @Override
    public PeerId id() {
        return id;
    }

    @Override
    public PeerAddress address() {
        return address(id.bytes()[0]);
    }

    @Override
    public List<Endpoint> listening() {
        return List.of(Endpoint.of("tcp", "192.0.2.1", 4001));
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public CompletionStage<Peer> connect(PeerId to) {
        for (FakePeer p : peers) {
            if (p.id().equals(to)) {
                return CompletableFuture.completedFuture(p);
            }
        }
        return CompletableFuture.failedFuture(
                new KarstException(KarstException.Code.NOT_FOUND, "nobody knows " + to.brief()));
    }

    @Override
    public CompletionStage<Peer> connect(PeerAddress address) {
        return connect(address.id());
    }

    @Override
    public Subscription accept(ProtocolId protocol, AccessPolicy who, PipeAcceptor acceptor) {
        if (opened.stream().anyMatch(o -> o.protocol.equals(protocol))) {
            throw new IllegalStateException("open already");
        }
        Opened o = new Opened(protocol, who, acceptor);
        opened.add(o);
        return () -> opened.remove(o);
    }

    @Override
    public Subscription watch(Consumer<? super NodeEvent> l) {
        listener = l;
        return () -> listener = null;
    }

    @Override
    public List<Peer> peers() {
        return List.copyOf(peers);
    }

    @Override
    public ConnectReport report(PeerId peer) {
        return report != null
                ? report
                : new ConnectReport(peer, NOON, Duration.ZERO, List.of(), "", "");
    }
}
