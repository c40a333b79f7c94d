// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.AccessPolicy;
import dev.karst.ConnectReport;
import dev.karst.DatagramPipe;
import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.Node;
import dev.karst.NodeEvent;
import dev.karst.PathInfo;
import dev.karst.Peer;
import dev.karst.PeerAddress;
import dev.karst.PeerId;
import dev.karst.PeerState;
import dev.karst.PipeAcceptor;
import dev.karst.PipeInfo;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.Subscription;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A node that reaches others of the same process, through memory. */
final class FakeNode implements Node {
    private record Opened(AccessPolicy who, PipeAcceptor acceptor) {}

    final AtomicInteger connects = new AtomicInteger();
    final Queue<MemoryPipes.Stream> streams = new ConcurrentLinkedQueue<>();
    volatile boolean unreachable;
    private final Map<PeerId, FakeNode> world;
    private final Map<ProtocolId, Opened> open = new ConcurrentHashMap<>();
    private final PeerId id;
    private final Executor executor;

    FakeNode(int number, Map<PeerId, FakeNode> world, Executor executor) {
        byte[] key = new byte[PeerId.SIZE];
        Arrays.fill(key, (byte) number);
        this.id = PeerId.of(key);
        this.world = world;
        this.executor = executor;
        world.put(id, this);
    }

    @Override
    public PeerId id() {
        return id;
    }

    @Override
    public CompletionStage<Peer> connect(PeerId to) {
        connects.incrementAndGet();
        FakeNode other = world.get(to);
        if (other == null || unreachable) {
            return CompletableFuture.failedFuture(
                    new KarstException(KarstException.Code.UNREACHABLE, "no way to " + to));
        }
        return CompletableFuture.completedFuture(new FakePeer(other));
    }

    @Override
    public Subscription accept(ProtocolId protocol, AccessPolicy who, PipeAcceptor acceptor) {
        if (open.putIfAbsent(protocol, new Opened(who, acceptor)) != null) {
            throw new IllegalStateException(protocol + " is open already");
        }
        return () -> open.remove(protocol);
    }

    private final class FakePeer implements Peer {
        private final FakeNode other;

        FakePeer(FakeNode other) {
            this.other = other;
        }

        @Override
        public PeerId id() {
            return other.id;
        }

        @Override
        public CompletionStage<StreamPipe> openStream(ProtocolId protocol, PipeOptions options) {
            Opened there = other.open.get(protocol);
            if (there == null || !there.who.admits(id)) {
                return refused(protocol);
            }
            MemoryPipes.Stream mine = new MemoryPipes.Stream(protocol, other.id, executor);
            MemoryPipes.Stream theirs = new MemoryPipes.Stream(protocol, id, executor);
            mine.other = theirs;
            theirs.other = mine;
            streams.add(mine);
            other.streams.add(theirs);
            CompletableFuture<StreamPipe> opened = new CompletableFuture<>();
            executor.execute(
                    () -> {
                        there.acceptor.stream(other.new FakePeer(FakeNode.this), theirs);
                        opened.complete(mine);
                    });
            return opened;
        }

        @Override
        public CompletionStage<DatagramPipe> openDatagrams(
                ProtocolId protocol, PipeOptions options) {
            Opened there = other.open.get(protocol);
            if (there == null || !there.who.admits(id)) {
                return refused(protocol);
            }
            MemoryPipes.Datagrams mine = new MemoryPipes.Datagrams(protocol, other.id, executor);
            MemoryPipes.Datagrams theirs = new MemoryPipes.Datagrams(protocol, id, executor);
            mine.other = theirs;
            theirs.other = mine;
            CompletableFuture<DatagramPipe> opened = new CompletableFuture<>();
            executor.execute(
                    () -> {
                        there.acceptor.datagrams(other.new FakePeer(FakeNode.this), theirs);
                        opened.complete(mine);
                    });
            return opened;
        }

        private <T> CompletionStage<T> refused(ProtocolId protocol) {
            return CompletableFuture.failedFuture(
                    new KarstException(
                            KarstException.Code.NOT_PERMITTED, protocol + " is not open to us"));
        }

        @Override
        public PeerState state() {
            return PeerState.CONNECTED;
        }

        @Override
        public List<PathInfo> paths() {
            return List.of();
        }

        @Override
        public List<PipeInfo> pipes() {
            return List.of();
        }

        @Override
        public ConnectReport report() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> disconnect() {
            throw new UnsupportedOperationException();
        }
    }

    @Override
    public PeerAddress address() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Endpoint> listening() {
        return List.of();
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public CompletionStage<Peer> connect(PeerAddress address) {
        return connect(address.id());
    }

    @Override
    public Subscription watch(Consumer<? super NodeEvent> listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Peer> peers() {
        return List.of();
    }

    @Override
    public ConnectReport report(PeerId peer) {
        throw new UnsupportedOperationException();
    }
}
