// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import dev.karst.AccessPolicy;
import dev.karst.ConnectReport;
import dev.karst.PathInfo;
import dev.karst.Peer;
import dev.karst.PeerState;
import dev.karst.PipeAcceptor;
import dev.karst.PipeOptions;
import dev.karst.ProtocolId;
import dev.karst.StreamPipe;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatWorld;
import dev.karst.itests.sim.nattable.Manner;
import dev.karst.itests.sim.nattable.StunHost;
import dev.karst.itests.sim.session.Bytes;
import dev.karst.itests.sim.session.Cast;
import dev.karst.itests.sim.session.FlowTransport;
import dev.karst.itests.sim.session.SimNode;
import dev.karst.nat.stun.StunNatDetector;
import dev.karst.relay.turn.TurnRelay;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.predict.PredictStrategy;
import dev.karst.traversal.reverse.ReverseStrategy;
import dev.karst.traversal.tcppunch.TcpPunchStrategy;
import dev.karst.traversal.udppunch.UdpPunchStrategy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Two nodes as they ship, each behind a NAT that it explores by two STUN servers, with one TURN
 * relay: one calls the other, bytes go both ways at once and again when nothing changes any more.
 */
final class Encounter {
    static final String RELAY = "198.51.100.99";
    private static final ProtocolId PROTOCOL = ProtocolId.of("sim/matrix");
    private static final int SIZE = 64 << 10;
    private static final int CHUNK = 20_000;
    private static final Duration EXPLORING = Duration.ofSeconds(25);
    private static final Duration CONNECT = Duration.ofSeconds(25);
    private static final Duration TRANSFER = Duration.ofSeconds(20);

    /** How long a relayed session may look for a direct path. */
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final Duration STEP = Duration.ofMillis(20);
    private static final Duration SETTLE = Duration.ofSeconds(12);
    private static final Duration GOODBYE = Duration.ofSeconds(3);

    private final Meeting meeting;
    private final NatWorld nats;
    private final SimWorld world;
    private final RandomGenerator random;
    private final int delay;
    private final Weather weather;
    private final SimNode a;
    private final SimNode b;
    private final List<String> lost = new ArrayList<>();
    private Exchange expected;
    private String atFirst = "";

    Encounter(Meeting meeting) {
        this.meeting = meeting;
        nats = new NatWorld(meeting.world());
        world = nats.world();
        random = world.random("encounter");
        weather = meeting.rough() ? Weather.rough(world.random("weather")) : Weather.clear();
        delay = random.nextInt(5, 41);
        world.defaultProfile(weather.link(delay));
        List<String> servers =
                List.of(
                        stun("stun0", "198.51.100.1", "198.51.100.2"),
                        stun("stun1", "198.51.100.11", "198.51.100.12"));
        TurnHost relay = new TurnHost(nats.server("relay", RELAY));
        SimBus bus = new SimBus(world);
        bus.profile(weather.signals());
        int who = random.nextInt(100);
        a = node("a", meeting.from(), who, bus, servers, relay);
        b = node("b", meeting.to(), who + 1 + random.nextInt(4), bus, servers, relay);
        b.node().accept(PROTOCOL, AccessPolicy.any(), new Acceptor());
    }

    SimWorld world() {
        return world;
    }

    private String stun(String name, String... addresses) {
        SimHost host = nats.server(name, addresses);
        return new StunHost(host, Manner.HONEST, new InetSocketAddress(addresses[0], 53)).name();
    }

    private SimNode node(
            String name,
            NatPolicy policy,
            int who,
            SimBus bus,
            List<String> servers,
            TurnHost relay) {
        NatPolicy box = weather.box(meeting.means().of(policy), random);
        NatHome.Plan plan = nats.plan(name).policy(box);
        if (weather.carriers() && random.nextBoolean()) {
            plan.behind(nats.carrier(name + "-isp", NatPolicy.carrier()));
        }
        SimHost host = plan.build().host();
        SimNode n = new SimNode(host, Cast.person(who), bus, Cast.crypto(0));
        if (meeting.means().tcpStrategies()) {
            n.add(TraversalStrategy.class, new ReverseStrategy(), "reverse");
            n.add(TraversalStrategy.class, new TcpPunchStrategy(), "tcppunch");
        } else {
            n.removeDirect();
        }
        n.add(TraversalStrategy.class, new UdpPunchStrategy(), "udppunch");
        n.add(TraversalStrategy.class, new PredictStrategy(), "predict");
        n.add(Transport.class, new FlowTransport(), "udp");
        n.add(
                RelayProvider.class,
                TurnRelay.provider(List.of(relay.url()), TurnHost.USER, TurnHost.PASSWORD, "", ""),
                relay.url());
        n.add(NatDetector.class, new StunNatDetector(servers), "stun");
        return n;
    }

    Outcome play() {
        try {
            return meet();
        } catch (RuntimeException e) {
            throw world.failure("failed: " + e, e);
        }
    }

    private Outcome meet() {
        world.run(EXPLORING);
        long began = world.nanoTime();
        CompletableFuture<Peer> f = a.node().connect(b.node().address()).toCompletableFuture();
        if (weather.bothCallMillis() >= 0) {
            world.after(
                    Duration.ofMillis(weather.bothCallMillis()),
                    () -> b.node().connect(a.node().address()));
        }
        world.runs(f::isDone, CONNECT);
        if (!f.isDone() || f.isCompletedExceptionally()) {
            lost.clear();
            return outcome(-1, -1, "", "", story(a.node().report(b.node().id())));
        }
        int first = since(began);
        Peer peer = f.join();
        atFirst = reports();
        String firstBy = by(peer);
        String why = story(peer.report());
        int direct = isDirect(peer) ? first : -1;
        Exchange early = exchange(peer);
        long patience = world.nanoTime() + PATIENCE.toNanos();
        while (direct < 0 && world.nanoTime() < patience) {
            world.run(STEP);
            direct = isDirect(peer) ? since(began) : -1;
        }
        early.check("at first");
        world.run(SETTLE);
        if (direct < 0 && isDirect(peer)) {
            direct = since(began);
        }
        exchange(peer).check("later");
        look(a, "the caller");
        look(b, "the called");
        if (direct >= 0 && !isDirect(peer)) {
            lost.add("was direct, and now is " + by(peer));
        }
        String last = by(peer);
        if (direct < 0) {
            why += " | later: " + story(a.node().report(b.node().id()));
        }
        goodbye();
        return outcome(first, direct, firstBy, last, direct < 0 ? why : "");
    }

    private Outcome outcome(int first, int direct, String firstBy, String by, String why) {
        return new Outcome(
                meeting.seed(), 2 * delay, first, direct, firstBy, by, List.copyOf(lost), why);
    }

    private int since(long began) {
        return (int) ((world.nanoTime() - began) / 1_000_000);
    }

    private static boolean relayed(PathInfo p) {
        return p.local().host().equals(RELAY) || p.remote().host().equals(RELAY);
    }

    private static boolean isDirect(Peer peer) {
        List<PathInfo> paths = peer.paths();
        return !paths.isEmpty() && paths.get(0).inUse() && !relayed(paths.get(0));
    }

    private String by(Peer peer) {
        List<PathInfo> paths = peer.paths();
        if (paths.isEmpty()) {
            return "nothing";
        }
        String by = paths.get(0).strategy();
        if (by.equals("inbound")) { // the other side knows what led it here
            List<Peer> callers = b.node().peers();
            by =
                    callers.isEmpty()
                            ? by
                            : callers.get(0).paths().stream()
                                    .map(PathInfo::strategy)
                                    .filter(t -> !t.equals("inbound"))
                                    .findFirst()
                                    .orElse(by);
        }
        return relayed(paths.get(0)) ? Outcome.RELAY : by;
    }

    /** After all settled: one session, one path. */
    private void look(SimNode n, String who) {
        List<Peer> peers = n.node().peers();
        if (peers.size() != 1) {
            lost.add(who + " has " + peers.size() + " sessions");
        } else if (peers.get(0).state() != PeerState.CONNECTED) {
            lost.add(who + " is " + peers.get(0).state());
        } else if (peers.get(0).paths().size() != 1) {
            lost.add(who + " has " + peers.get(0).paths());
        }
    }

    private void goodbye() {
        a.close();
        b.close();
        world.run(GOODBYE);
        List<String> left =
                world.tcpFlows().stream()
                        .filter(t -> t.client().equals("a") || t.client().equals("b"))
                        // Where packets are lost, servers do not learn that clients are gone.
                        .filter(
                                t ->
                                        !meeting.rough()
                                                || t.to().getPort() / 10 != StunHost.PORT / 10)
                        .map(t -> t.from() + " to " + t.to())
                        .toList();
        if (!left.isEmpty()) {
            lost.add("connections left after the end: " + left);
        }
    }

    private static String story(ConnectReport r) {
        StringBuilder out = new StringBuilder(r.verdict());
        for (ConnectReport.Attempt t : r.attempts()) {
            if (t.outcome() == ConnectReport.Outcome.FAILED
                    || t.outcome() == ConnectReport.Outcome.SKIPPED) {
                List<String> e = t.evidence();
                out.append("; ")
                        .append(t.strategy())
                        .append(": ")
                        .append(e.isEmpty() ? "no reason" : e.get(e.size() - 1));
            }
        }
        return out.toString();
    }

    // ---- bytes

    private Exchange exchange(Peer peer) {
        Exchange x = new Exchange();
        expected = x;
        peer.openStream(PROTOCOL, new PipeOptions(1 << 20))
                .whenComplete(
                        (pipe, e) -> {
                            if (e != null) {
                                lost.add("no pipe: " + e.getMessage());
                            } else {
                                x.out = new Bytes(pipe, x.there, CHUNK, lost::add);
                                x.out.begin();
                            }
                        });
        return x;
    }

    /** One stream, so many bytes each way. */
    private final class Exchange {
        private final byte[] there = Bytes.random(random, SIZE);
        private final byte[] back = Bytes.random(random, SIZE);
        private Bytes out;
        private Bytes in;

        private boolean done() {
            return out != null && in != null && out.done() && in.done();
        }

        void check(String when) {
            world.runs(() -> done() || !lost.isEmpty(), TRANSFER);
            if (!done()) {
                lost.add(when + ": stuck: out " + out + ", in " + in);
            } else if (!in.got(there) || !out.got(back)) {
                lost.add(when + ": other bytes than were sent");
            }
        }
    }

    private final class Acceptor implements PipeAcceptor {
        @Override
        public void stream(Peer peer, StreamPipe pipe) {
            Exchange x = expected;
            x.in = new Bytes(pipe, x.back, CHUNK, lost::add);
            x.in.begin();
        }
    }

    /** What both sides said when there was a first path, and say in the end. */
    String story() {
        return "at the first path\n" + atFirst + "in the end\n" + reports();
    }

    private String reports() {
        return text("a", a.node().report(b.node().id()))
                + text("b", b.node().report(a.node().id()))
                + "a "
                + a.node().natProfile()
                + "\nb "
                + b.node().natProfile()
                + "\na "
                + a.counters().snapshot()
                + "\nb "
                + b.counters().snapshot()
                + "\n";
    }

    private static String text(String who, ConnectReport r) {
        StringBuilder out = new StringBuilder(who + ": " + r.verdict() + "\n");
        for (ConnectReport.Attempt t : r.attempts()) {
            out.append("  ")
                    .append(t.strategy())
                    .append(" +")
                    .append(t.began().toMillis())
                    .append(" ms, ")
                    .append(t.took().toMillis())
                    .append(" ms, ")
                    .append(t.outcome())
                    .append('\n');
            t.evidence().forEach(e -> out.append("    ").append(e).append('\n'));
        }
        return out.toString();
    }
}
