// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.core.Counters;
import dev.karst.core.udp.Consent;
import dev.karst.core.udp.SharedSocket;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimScope;
import dev.karst.itests.sim.nat.Dependence;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
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
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** One side of a {@link Trial}. */
final class TrialSide implements Attempt {
    private static final int SAMPLES = 12;

    private final Trial trial;
    private final SimHost host;
    private final boolean initiator;
    private final Consent consent;
    private final SimScope scope;
    private NatProfile profile;
    private UnaryOperator<byte[]> onTheWay = m -> m;
    private final List<String> evidence = new ArrayList<>();
    private final List<byte[]> early = new ArrayList<>();
    private CompletableFuture<? extends Path> result = new CompletableFuture<>();
    private Consumer<byte[]> told;
    private long beganAt;
    private long endedAt;

    TrialSide(Trial trial, NatHome home, NatPolicy policy, boolean initiator, Consent consent) {
        this.trial = trial;
        this.host = home.host();
        this.initiator = initiator;
        this.consent = consent;
        scope = host.scope();
        RandomGenerator r = trial.w.world().random("samples " + host.name());
        NatBehavior.Builder n =
                NatBehavior.builder()
                        .udp(translation(policy.udpBlocked(), policy.udp(), r))
                        .tcp(translation(false, policy.tcp(), r))
                        .local(host.at(4000))
                        .mapped(
                                policy.udp().mapping() == Dependence.NONE
                                        ? host.at(4000)
                                        : home.outside(4000))
                        .server(trial.stun.at(3478));
        profile = NatProfile.of(n.build());
    }

    private static Translation translation(
            boolean blocked, NatPolicy.Rules r, RandomGenerator random) {
        if (blocked) {
            return new Translation(Behavior.BLOCKED, Behavior.BLOCKED, PortAllocation.unknown());
        }
        Kind kind =
                switch (r.allocation().kind()) {
                    case PRESERVE -> Kind.PRESERVED;
                    case PRESERVE_DISTANCE -> Kind.PRESERVING_DISTANCE;
                    case INDEPENDENT_STEP -> Kind.INDEPENDENT_STEP;
                    case DEPENDENT_STEP -> Kind.DEPENDENT_STEP;
                    case RANDOM -> Kind.RANDOM;
                };
        int low = 0xffff;
        int high = 0;
        for (int i = 0; i < SAMPLES; i++) {
            int port = random.nextInt(r.allocation().lo(), r.allocation().hi() + 1);
            low = Math.min(low, port);
            high = Math.max(high, port);
        }
        return new Translation(
                Behavior.valueOf(r.mapping().name()),
                Behavior.valueOf(r.filtering().name()),
                new PortAllocation(kind, r.allocation().step(), 1, low, high, r.background()));
    }

    void believed(Kind kind) {
        NatBehavior b = profile.ipv4().orElseThrow();
        PortAllocation a = b.udp().allocation();
        PortAllocation wrong =
                new PortAllocation(kind, a.step(), 1, a.low(), a.high(), a.arrivals());
        Translation t = new Translation(b.udp().mapping(), b.udp().filtering(), wrong);
        profile = NatProfile.of(b.toBuilder().udp(t).tcp(t).build());
    }

    void messages(UnaryOperator<byte[]> change) {
        onTheWay = change;
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

    String story() {
        String end = won() ? "won" : result.handle((p, e) -> String.valueOf(e)).getNow("under way");
        return String.join("\n   ", evidence) + "\n   " + end + " " + host.counters();
    }

    private String user() {
        // docs/wire.md, "UDP punching": what the core makes of the id
        return Users.of(trial.id, initiator);
    }

    @Override
    public String id() {
        return trial.id;
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
        return List.of();
    }

    @Override
    public List<Endpoint> remoteCandidates() {
        return List.of();
    }

    @Override
    public NatProfile localNat() {
        return profile;
    }

    @Override
    public NatProfile remoteNat() {
        return trial.other(this).profile;
    }

    @Override
    public CompletionStage<Path> dial(Endpoint to) {
        return CompletableFuture.failedStage(new UnsupportedOperationException());
    }

    @Override
    public List<PunchSocket> sockets() {
        return List.of();
    }

    @Override
    public CompletionStage<PunchSocket> bind(InetSocketAddress local) {
        return scope.network().bindUdp(local).thenApply(this::own);
    }

    private PunchSocket own(UdpSocket socket) {
        SharedSocket s = new SharedSocket(socket, consent, new Counters());
        s.spread(remoteNat().ipv4().orElseThrow().mapped().orElseThrow().getAddress());
        return new TrialSocket(s, user());
    }

    @Override
    public CompletionStage<List<PortGuess>> predict(PortSituation situation) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletionStage<RelayPunchSocket> relay(RelayProvider.Family family) {
        return CompletableFuture.failedStage(new UnsupportedOperationException());
    }

    @Override
    public DatagramFlow flow(PunchSocket socket, InetSocketAddress remote) {
        return ((TrialSocket) socket).flow(remote);
    }

    @Override
    public void relayed(InetAddress remote) {}

    @Override
    public CompletionStage<Path> over(DatagramFlow flow) {
        return CompletableFuture.completedFuture(new TrialPath("udp", flow.local(), flow.remote()));
    }

    @Override
    public CompletionStage<Path> over(TcpSocket socket) {
        return CompletableFuture.completedFuture(
                new TrialPath("tcp", socket.local(), socket.remote()));
    }

    @Override
    public CompletionStage<Void> tell(byte[] message) {
        byte[] copy = onTheWay.apply(message.clone());
        TrialSide other = trial.other(this);
        host.after(trial.signal, () -> other.receive(copy));
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

    @Override
    public CompletionStage<Path> prove(Path path) {
        CompletableFuture<Path> f = new CompletableFuture<>();
        scope.after(trial.signal, () -> f.complete(path)); // the other side's checks go on
        return f;
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
