// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.ConnectReport;
import dev.karst.DatagramPipe;
import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.PathInfo;
import dev.karst.Peer;
import dev.karst.PeerId;
import dev.karst.PeerState;
import dev.karst.PipeInfo;
import dev.karst.PipeOptions;
import dev.karst.PipeState;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One peer with one path and two pipes; streams go to the node that is behind it. */
final class FakePeer implements Peer {
    private final FakeNode mine;
    private final FakeNode other;

    FakePeer(FakeNode mine, FakeNode other) {
        this.mine = mine;
        this.other = other;
    }

    @Override
    public PeerId id() {
        return other.id();
    }

    @Override
    public PeerState state() {
        return PeerState.CONNECTED;
    }

    @Override
    public List<PathInfo> paths() {
        return List.of(
                new PathInfo(
                        3,
                        "direct",
                        "tcp",
                        Endpoint.of("tcp", "192.0.2.1", 4001),
                        Endpoint.of("tcp", "198.51.100.7", 51000),
                        "25519_AESGCM_SHA256 (jca)",
                        Duration.ofMillis(23),
                        1_500_000,
                        2048,
                        true,
                        "the only one"));
    }

    @Override
    public List<PipeInfo> pipes() {
        return List.of(
                new PipeInfo(
                        1, ProtocolId.of("tunnel/web"), true, PipeState.OPEN, 3_000_000, 2048, 7),
                new PipeInfo(2, ProtocolId.of("tunnel-udp/dns"), false, PipeState.OPEN, 12, 0, 11));
    }

    @Override
    public ConnectReport report() {
        return mine.report(other.id());
    }

    @Override
    public CompletionStage<StreamPipe> openStream(ProtocolId protocol, PipeOptions options) {
        for (FakeNode.Opened o : other.opened) {
            if (o.protocol().equals(protocol) && o.who().admits(mine.id())) {
                FakeStream.Pair pair = FakeStream.pair(protocol, mine.id(), other.id());
                o.acceptor().stream(new FakePeer(other, mine), pair.theirs());
                return CompletableFuture.completedFuture(pair.mine());
            }
        }
        return CompletableFuture.failedFuture(
                new KarstException(
                        KarstException.Code.NOT_PERMITTED, protocol + " is not open to us"));
    }

    @Override
    public CompletionStage<DatagramPipe> openDatagrams(ProtocolId protocol, PipeOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<Void> disconnect() {
        mine.peers.remove(this);
        return CompletableFuture.completedFuture(null);
    }
}
