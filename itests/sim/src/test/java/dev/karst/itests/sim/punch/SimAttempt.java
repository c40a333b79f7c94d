// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.punch;

import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.PeerId;
import dev.karst.core.Counters;
import dev.karst.core.udp.SharedSocket;
import dev.karst.itests.sim.SimScope;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PunchSocket;
import dev.karst.spi.traversal.RelayPunchSocket;
import dev.karst.spi.traversal.TraversalStrategy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** One side's attempt in the simulated world, with the core's own shared sockets. */
final class SimAttempt implements Attempt {
    private final Meeting.Side side;
    private final SimScope scope;
    private final List<String> evidence = new ArrayList<>();
    private final List<byte[]> early = new ArrayList<>();
    private CompletableFuture<? extends Path> result = new CompletableFuture<>();
    private Consumer<byte[]> told;
    long endedAt;
    long beganAt;
    boolean relayed;

    SimAttempt(Meeting.Side side) {
        this.side = side;
        scope = side.host.scope();
    }

    void begin(TraversalStrategy strategy) {
        beganAt = scope.nanoTime();
        result = strategy.attempt(this).toCompletableFuture();
        result.whenComplete((p, e) -> endedAt = scope.nanoTime());
    }

    boolean ended() {
        return result.isDone();
    }

    boolean won() {
        return result.isDone() && !result.isCompletedExceptionally();
    }

    long tookMillis() {
        return (endedAt - beganAt) / 1_000_000;
    }

    void cancel() {
        scope.cancel();
    }

    String story() {
        String end = won() ? "won" : result.handle((p, e) -> String.valueOf(e)).getNow("under way");
        return String.join("\n   ", evidence) + "\n   " + end + " " + side.host.counters();
    }

    SimScope simScope() {
        return scope;
    }

    boolean relayUsed() {
        return relayed;
    }

    @Override
    public String id() {
        return side.meeting().id();
    }

    @Override
    public PeerId peer() {
        return PeerId.of(new byte[PeerId.SIZE]);
    }

    @Override
    public boolean initiator() {
        return side.initiator;
    }

    @Override
    public List<Endpoint> localCandidates() {
        return candidates(side);
    }

    @Override
    public List<Endpoint> remoteCandidates() {
        return candidates(side.other());
    }

    private static List<Endpoint> candidates(Meeting.Side s) {
        List<Endpoint> out = new ArrayList<>();
        out.add(udp(s.host.at(Meeting.PORT), "host"));
        if (s.mapped != null) {
            out.add(udp(s.mapped, "srflx"));
        }
        return out;
    }

    private static Endpoint udp(InetSocketAddress a, String type) {
        return Endpoint.parse(
                "udp://" + a.getAddress().getHostAddress() + ":" + a.getPort() + "?typ=" + type);
    }

    @Override
    public NatProfile localNat() {
        return profile(side);
    }

    @Override
    public NatProfile remoteNat() {
        return profile(side.other());
    }

    static NatProfile profile(Meeting.Side s) {
        NatBehavior.Builder b =
                NatBehavior.builder()
                        .udp(
                                s.policy.udpBlocked()
                                        ? new Translation(
                                                Behavior.BLOCKED,
                                                Behavior.BLOCKED,
                                                PortAllocation.unknown())
                                        : translation(s.policy.udp()))
                        .tcp(translation(s.policy.tcp()));
        b.local(s.host.at(Meeting.PORT));
        if (s.mapped != null) {
            b.mapped(s.mapped);
        }
        return NatProfile.of(b.build());
    }

    static Translation translation(NatPolicy.Rules r) {
        PortAllocation.Kind kind =
                switch (r.allocation().kind()) {
                    case PRESERVE -> PortAllocation.Kind.PRESERVED;
                    case PRESERVE_DISTANCE -> PortAllocation.Kind.PRESERVING_DISTANCE;
                    case INDEPENDENT_STEP -> PortAllocation.Kind.INDEPENDENT_STEP;
                    case DEPENDENT_STEP -> PortAllocation.Kind.DEPENDENT_STEP;
                    case RANDOM -> PortAllocation.Kind.RANDOM;
                };
        return new Translation(
                Behavior.valueOf(r.mapping().name()),
                Behavior.valueOf(r.filtering().name()),
                new PortAllocation(kind, r.allocation().step(), 1, 0, 0, 0));
    }

    @Override
    public CompletionStage<Path> dial(Endpoint to) {
        return CompletableFuture.failedStage(new UnsupportedOperationException());
    }

    @Override
    public List<PunchSocket> sockets() {
        return List.of(new SimPunch(side.shared, user(), side.mapped));
    }

    private String user() {
        return initiator() ? "db21ae61" : "d89953ef"; // docs/wire.md
    }

    @Override
    public CompletionStage<PunchSocket> bind(InetSocketAddress local) {
        return scope.network()
                .bindUdp(local)
                .thenApply(
                        s ->
                                new SimPunch(
                                        new SharedSocket(s, side.consent, new Counters()),
                                        user(),
                                        null));
    }

    @Override
    public CompletionStage<List<PortGuess>> predict(PortSituation situation) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public void relayed(InetAddress remote) {}

    @Override
    public CompletionStage<RelayPunchSocket> relay(RelayProvider.Family family) {
        if (!side.meeting().relays) {
            return CompletableFuture.failedStage(
                    new KarstException(KarstException.Code.NO_PROVIDER, "no relay here"));
        }
        var host = side.meeting().relayHost;
        CompletableFuture<RelayPunchSocket> f = new CompletableFuture<>();
        scope.after(
                Meeting.SIGNAL,
                () ->
                        host.network()
                                .bindUdp(host.at(0))
                                .thenAccept(
                                        s ->
                                                f.complete(
                                                        new SimPunch(
                                                                new SharedSocket(
                                                                        s,
                                                                        side.consent,
                                                                        new Counters()),
                                                                user(),
                                                                null))));
        return f;
    }

    @Override
    public DatagramFlow flow(PunchSocket socket, InetSocketAddress remote) {
        relayed = socket.local().getAddress().equals(side.meeting().relayHost.addresses().get(0));
        return ((SimPunch) socket).flow(remote);
    }

    @Override
    public CompletionStage<Path> over(DatagramFlow flow) {
        return CompletableFuture.completedFuture(SimPath.of(flow));
    }

    @Override
    public CompletionStage<Path> over(TcpSocket socket) {
        return CompletableFuture.completedFuture(SimPath.of(socket));
    }

    @Override
    public CompletionStage<Void> tell(byte[] message) {
        if (!side.meeting().deaf) {
            SimAttempt other = side.other().attempt;
            byte[] copy = message.clone();
            side.host.after(Meeting.SIGNAL, () -> other.receive(copy));
        }
        return CompletableFuture.completedFuture(null);
    }

    private void receive(byte[] message) {
        if (told == null) {
            early.add(message);
        } else {
            scope.executor().execute(() -> told.accept(message));
        }
    }

    @Override
    public void told(Consumer<byte[]> message) {
        told = message;
        early.forEach(this::receive);
    }

    /** Real bytes go both ways before it counts. */
    @Override
    public CompletionStage<Path> prove(Path path) {
        return ((SimPath) path).prove(scope, initiator());
    }

    @Override
    public void evidence(String line) {
        evidence.add(line);
    }

    @Override
    public SimScope scope() {
        return scope;
    }
}
