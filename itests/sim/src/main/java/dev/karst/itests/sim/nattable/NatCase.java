// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nattable;

import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.Packet;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimScope;
import dev.karst.itests.sim.SimWorld;
import dev.karst.itests.sim.Station;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatWorld;
import dev.karst.nat.stun.StunNatDetector;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.net.UdpSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** Detections behind one NAT, with servers whose distance the seed decides. */
public final class NatCase {
    /** TCP may come later. */
    private static final Duration LATER = Duration.ofSeconds(14);

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final NatWorld world;
    private final SimWorld sim;
    private final RandomGenerator random;
    private final NatHome home;
    private final SharedView shared;
    private final List<StunHost> servers = new ArrayList<>();
    private final int[] sent = {0};
    private SimHost victim;
    private int abuse;
    private long slowest;

    /**
     * Circumstances.
     *
     * @param loss chance that a packet is lost, on each link, each way
     * @param rtt of all servers in milliseconds; 0 = the seed decides, between 2 and 150
     * @param manners of the servers
     * @param full how many of them have two addresses; -1 = the seed decides, at least one
     */
    public record Terms(double loss, int rtt, List<Manner> manners, int full) {
        public static Terms of(double loss) {
            return new Terms(loss, 0, List.of(Manner.HONEST, Manner.HONEST, Manner.HONEST), -1);
        }

        public Terms withRtt(int ms) {
            return new Terms(loss, ms, manners, full);
        }

        public Terms withManners(Manner... m) {
            return new Terms(loss, rtt, List.of(m), full);
        }

        public Terms withFull(int n) {
            return new Terms(loss, rtt, manners, n);
        }
    }

    /**
     * What came of it.
     *
     * @param first what the stage told, null if it failed
     * @param last what was told last within some seconds, with TCP
     * @param failure why the stage failed, else null
     * @param nanos until then
     * @param rtt the longest round trip to a server without jitter, in nanoseconds
     * @param packets UDP packets that reached the NAT from inside until then
     */
    public record Outcome(
            NatBehavior first,
            NatBehavior last,
            Throwable failure,
            long nanos,
            long rtt,
            int packets) {}

    public NatCase(long seed, NatPolicy policy, Terms terms) {
        world = new NatWorld(seed);
        sim = world.world();
        random = sim.random("nat case");
        home =
                world.plan("node")
                        .policy(policy)
                        .lan(
                                LinkProfile.of(
                                                Duration.ofNanos(
                                                        random.nextLong(200_000, 1_000_000)))
                                        .withJitter(Duration.ofNanos(500_000))
                                        .withLoss(terms.loss()))
                        .build();
        int n = terms.manners().size();
        int full = terms.full() >= 0 ? terms.full() : 1 + random.nextInt(n);
        int rotate = random.nextInt(n);
        for (int i = 0; i < n; i++) {
            server(i, terms, (i + rotate) % n < full);
        }
        tap();
        CompletableFuture<UdpSocket> bound =
                host().network()
                        .bindUdp(host().at(40_000 + random.nextInt(9000)))
                        .toCompletableFuture();
        sim.run(Duration.ofSeconds(1));
        shared = new SharedView(bound.join());
    }

    private void server(int i, Terms terms, boolean full) {
        Manner manner = terms.manners().get(i);
        String a = "198.51.100." + (10 * i + 1);
        String b = "198.51.100." + (10 * i + 2);
        SimHost host = full ? world.server("stun" + i, a, b) : world.server("stun" + i, a);
        servers.add(
                new StunHost(host, manner, new InetSocketAddress(victim().addresses().get(0), 53)));
        int ms = terms.rtt() > 0 ? terms.rtt() : random.nextInt(2, 151);
        slowest = Math.max(slowest, ms * 1_000_000L);
        sim.internet()
                .link(
                        home.nat().wan(),
                        host,
                        LinkProfile.of(Duration.ofNanos(ms * 500_000L))
                                .withJitter(Duration.ofNanos(ms * 50_000L))
                                .withLoss(terms.loss()));
    }

    /** Whom bad servers point to. */
    private SimHost victim() {
        if (victim == null) {
            victim = world.server("victim", "192.0.2.99");
            Station ear =
                    new Station() {
                        @Override
                        public String name() {
                            return "victim-ear";
                        }

                        @Override
                        public void receive(Packet packet) {
                            abuse++;
                        }
                    };
            sim.internet().attach(victim.addresses().get(0), ear);
        }
        return victim;
    }

    /** Packets that a third party got. */
    public int abuse() {
        return abuse;
    }

    /** Counts what leaves the host. */
    private void tap() {
        Station nat = home.nat().lan();
        Station tap =
                new Station() {
                    @Override
                    public String name() {
                        return nat.name();
                    }

                    @Override
                    public void receive(Packet packet) {
                        if (packet.body() instanceof Packet.Datagram) {
                            sent[0]++;
                        }
                        nat.receive(packet);
                    }
                };
        home.lan().gateway(tap);
    }

    public SimHost host() {
        return home.host();
    }

    public SimWorld sim() {
        return sim;
    }

    public List<StunHost> servers() {
        return servers;
    }

    SharedView shared() {
        return shared;
    }

    /** One that asks all servers. */
    public NatDetector detector() {
        return new StunNatDetector(servers.stream().map(StunHost::name).toList());
    }

    /** Detects once. */
    public Outcome play() {
        return play(detector(), LATER);
    }

    /** Detects with that detector and waits so long for what comes later. */
    public Outcome play(NatDetector detector, Duration later) {
        SimScope scope = host().scope();
        NatBehavior[] last = {null};
        sent[0] = 0;
        long began = sim.nanoTime();
        CompletableFuture<NatBehavior> f =
                detector.detect(shared.view(), b -> last[0] = b, scope).toCompletableFuture();
        sim.runUntil("detected", f::isDone, PATIENCE);
        long took = sim.nanoTime() - began;
        int packets = sent[0];
        try {
            NatBehavior first = f.join();
            sim.run(later);
            NatBehavior end = last[0] == null ? first : last[0];
            return new Outcome(first, end, null, took, slowest, packets);
        } catch (RuntimeException e) {
            return new Outcome(null, null, e.getCause(), took, slowest, packets);
        } finally {
            scope.cancel();
        }
    }
}
