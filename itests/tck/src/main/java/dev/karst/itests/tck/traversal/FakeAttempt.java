// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.PeerId;
import dev.karst.spi.Scope;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PunchSocket;
import dev.karst.spi.traversal.RelayPunchSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An attempt in memory: says how each candidate behaves when it is dialled, and notes all that is
 * done with it.
 */
public final class FakeAttempt implements Attempt {
    /** How a candidate behaves. */
    public enum Manner {
        /** Refuses at once. */
        REFUSES,
        /** Never answers. */
        SILENT,
        /** Connects at once; the peer proves itself there. */
        GOOD,
        /** Connects after 400 ms; the peer proves itself there. */
        SLOW,
        /** Connects at once, but somebody else is there. */
        FORGED,
        /** Connects at once, then says nothing. */
        MUTE,
        /** {@link Attempt#dial} throws. */
        THROWS
    }

    /** Not of the scope: a connection may come after the scope is over. */
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS);

    private final Scope scope;
    private final boolean initiator;
    private final Map<Endpoint, Manner> remote = new LinkedHashMap<>();
    private final List<FakePath> paths = new CopyOnWriteArrayList<>();
    private final List<Endpoint> dialled = new CopyOnWriteArrayList<>();
    private final List<String> evidence = new CopyOnWriteArrayList<>();

    private final FakeSide side;
    private NatProfile localNat = NatProfile.unknown();
    private NatProfile remoteNat = NatProfile.unknown();
    private final List<InetAddress> relayed = new CopyOnWriteArrayList<>();

    FakeAttempt(Scope scope, boolean initiator) {
        this(scope, initiator, null);
    }

    /**
     * @param side for what goes beyond dialling; null where there is none
     */
    FakeAttempt(Scope scope, boolean initiator, FakeSide side) {
        this.scope = scope;
        this.initiator = initiator;
        this.side = side;
    }

    void nat(NatProfile local, NatProfile remote) {
        localNat = local;
        remoteNat = remote;
    }

    void place(Endpoint e) {
        remote.put(e, Manner.SILENT);
    }

    /** As if the other side had told it. */
    public void hear(byte[] message) {
        side.receive(message);
    }

    /** Addresses that were said to be the peer's at a relay. */
    public List<InetAddress> relays() {
        return relayed;
    }

    /** Adds a candidate of the peer. */
    public FakeAttempt with(String endpoint, Manner manner) {
        remote.put(Endpoint.parse(endpoint), manner);
        return this;
    }

    /** What was dialled, in order. */
    public List<Endpoint> dialled() {
        return dialled;
    }

    /** What was told. */
    public List<String> told() {
        return evidence;
    }

    /** How many paths were opened. */
    public int opened() {
        return paths.size();
    }

    /** Paths that were opened and not closed. */
    public List<Endpoint> open() {
        return paths.stream().filter(FakePath::isOpen).map(FakePath::remote).toList();
    }

    @Override
    public String id() {
        return "00112233445566778899aabbccddeeff";
    }

    @Override
    public PeerId peer() {
        return PeerId.of(new byte[PeerId.SIZE]);
    }

    @Override
    public boolean initiator() {
        return initiator;
    }

    @Override
    public List<Endpoint> localCandidates() {
        return List.of(Endpoint.parse("tcp://10.9.9.9:1"));
    }

    @Override
    public List<Endpoint> remoteCandidates() {
        return List.copyOf(remote.keySet());
    }

    @Override
    public NatProfile localNat() {
        return localNat;
    }

    @Override
    public NatProfile remoteNat() {
        return remoteNat;
    }

    @Override
    public CompletionStage<Path> dial(Endpoint to) {
        dialled.add(to);
        CompletableFuture<Path> result = new CompletableFuture<>();
        switch (remote.get(to)) {
            case REFUSES -> result.completeExceptionally(new IOException("refused"));
            case SILENT -> {
                // until the scope ends
            }
            case SLOW -> LATER.execute(() -> result.complete(path(to)));
            case THROWS -> throw new IllegalStateException("no such scheme");
            default -> scope.executor().execute(() -> result.complete(path(to)));
        }
        return result;
    }

    private FakePath path(Endpoint to) {
        FakePath p = new FakePath(to);
        paths.add(p);
        return p;
    }

    @Override
    public List<PunchSocket> sockets() {
        return side == null ? List.of() : side.sockets();
    }

    private static <T> CompletionStage<T> none(String what) {
        return CompletableFuture.failedStage(
                new KarstException(KarstException.Code.NO_PROVIDER, what + " here"));
    }

    @Override
    public CompletionStage<PunchSocket> bind(InetSocketAddress local) {
        return side == null ? none("no sockets") : side.bind(local);
    }

    @Override
    public CompletionStage<List<PortGuess>> predict(PortSituation situation) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletionStage<RelayPunchSocket> relay(RelayProvider.Family family) {
        return side == null ? none("no relay") : side.relay();
    }

    @Override
    public DatagramFlow flow(PunchSocket socket, InetSocketAddress to) {
        if (side == null) {
            throw new IllegalStateException("not a socket of this attempt");
        }
        return side.flow(socket, to);
    }

    @Override
    public void relayed(InetAddress address) {
        relayed.add(address);
    }

    @Override
    public CompletionStage<Path> over(DatagramFlow flow) {
        return side == null
                ? none("no transport over UDP")
                : CompletableFuture.completedFuture(kept(side.over(flow)));
    }

    @Override
    public CompletionStage<Path> over(TcpSocket socket) {
        return side == null
                ? none("no transport over TCP")
                : CompletableFuture.completedFuture(kept(side.over(socket)));
    }

    private FakePath kept(FakePath p) {
        paths.add(p);
        return p;
    }

    @Override
    public CompletionStage<Void> tell(byte[] message) {
        return side == null ? none("no signaling") : side.tell(message);
    }

    @Override
    public void told(Consumer<byte[]> message) {
        if (side != null) {
            side.told(message);
        }
    }

    @Override
    public CompletionStage<Path> prove(Path path) {
        if (!remote.containsKey(path.remote())) {
            return side.prove((FakePath) path);
        }
        return switch (remote.get(path.remote())) {
            case FORGED -> {
                path.close(); // as the core does
                yield CompletableFuture.failedFuture(
                        new KarstException(KarstException.Code.WRONG_KEY, "another peer"));
            }
            case MUTE -> new CompletableFuture<>();
            default -> CompletableFuture.completedFuture(path);
        };
    }

    @Override
    public void evidence(String line) {
        evidence.add(line);
    }

    @Override
    public Scope scope() {
        return scope;
    }
}
