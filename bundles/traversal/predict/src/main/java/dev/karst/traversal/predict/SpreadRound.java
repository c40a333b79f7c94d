// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.traversal.PunchSocket;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Ports of one side are random: it opens many sockets, all to the one port of the other side, which
 * then tries many ports. With k holes among R ports n tries meet one with 1-(1-k/R)^n, as in the
 * birthday problem, and a little more, as no port is tried twice.
 */
final class SpreadRound extends UdpRound {
    /** Sockets between two looks whether the NAT still plays along. */
    static final int BATCH = 64;

    private static final long LAST_MILLIS = 1_500;
    private static final long SLACK_MILLIS = 3_000;
    private static final int CHECKS = 3;

    private final boolean random;
    private final Manner manner;
    private InetSocketAddress to;
    private int sentinelPort;
    private int open;
    private int theirSockets;
    private boolean started;
    private Runnable holes = () -> {};

    /**
     * @param random whether it is our ports that are
     */
    SpreadRound(Situation at, Owner owner, int number, boolean random) {
        super(at, owner, number);
        this.random = random;
        manner = Manner.of(nat().udp());
    }

    @Override
    void begin() {
        if (random) {
            bind(1, this::lookRandom);
        } else if (manner.single()) {
            bind(manner == Manner.FIXED ? 1 : 2, this::lookSingle);
        } else {
            fail("our port is not one that can be told");
        }
    }

    private void lookSingle() {
        look(
                0,
                seen -> {
                    if (manner == Manner.FIXED) {
                        place(seen.getAddress(), Ports.ALL, List.of(seen.getPort()));
                    } else {
                        predict(
                                1,
                                2,
                                g -> {
                                    List<Integer> port = List.of(g.get(0).port());
                                    place(seen.getAddress(), Ports.ALL, port);
                                });
                    }
                });
    }

    private void lookRandom() {
        look(
                0,
                seen -> {
                    sentinelPort = seen.getPort();
                    Ports range = Ports.of(nat().udp().allocation());
                    place(seen.getAddress(), range, List.of());
                });
    }

    @Override
    void go(Note.Place peer) {
        if (!random) {
            awaitHoles(peer);
        } else if (peer.ports().isEmpty()) {
            fail("the peer knows no port of its own");
        } else {
            to = peer(peer.ports().get(0));
            more();
        }
    }

    // ---- the side with random ports

    private void more() {
        if (isOver()) {
            return;
        }
        if (open >= at.limits().sockets()) {
            allOpen("");
            return;
        }
        at.pace()
                .then(
                        () -> {
                            if (!isOver()) {
                                at.attempt()
                                        .bind(new InetSocketAddress(local(), 0))
                                        .whenComplete(
                                                (s, e) ->
                                                        scope().executor()
                                                                .execute(() -> opened(s, e)));
                            }
                        });
    }

    private void opened(PunchSocket s, Throwable e) {
        if (e != null) {
            allOpen(": " + PredictRun.reason(e));
            return;
        }
        ends.add(s);
        if (isOver()) {
            return;
        }
        matching.probe(ends.count() - 1, to);
        open++;
        if (open % BATCH == 0 && open < at.limits().sockets()) {
            checkOld();
        } else {
            more();
        }
    }

    /** A NAT with a quota may drop old mappings for new ones: then this one is seen elsewhere. */
    private void checkOld() {
        sonde.ask(
                0,
                at.server(number),
                a -> {
                    if (isOver()) {
                        return;
                    }
                    if (a.isPresent() && a.get().getPort() != sentinelPort) {
                        scope().count("predict.quota");
                        allOpen(", as the NAT drops old mappings beyond that");
                    } else {
                        checkNew(a.isPresent());
                    }
                });
    }

    /** Or it gives no new ones: then a fresh socket hears nothing, though an old one does. */
    private void checkNew(boolean oldAnswered) {
        if (open > BATCH * CHECKS || !oldAnswered) {
            more();
            return;
        }
        at.attempt()
                .bind(new InetSocketAddress(local(), 0))
                .whenComplete((s, e) -> scope().executor().execute(() -> fresh(s, e)));
    }

    private void fresh(PunchSocket s, Throwable e) {
        if (e != null) {
            allOpen(": " + PredictRun.reason(e));
            return;
        }
        ends.add(s);
        if (isOver()) {
            return;
        }
        sonde.ask(
                ends.count() - 1,
                at.server(number),
                a -> {
                    if (isOver()) {
                        return;
                    }
                    if (a.isEmpty()) {
                        scope().count("predict.quota");
                        allOpen(", as the NAT gives no more mappings");
                    } else {
                        more();
                    }
                });
    }

    private void allOpen(String why) {
        if (isOver() || started) {
            return;
        }
        started = true;
        owner.evidence(open + " sockets opened" + why);
        owner.tell(new Note.Open(number, open));
        after(tries() + SLACK_MILLIS + at.clocks().rtt() / 1_000_000, this::failed);
    }

    private long tries() {
        return 1_000L * at.limits().probes() / at.limits().perSecond();
    }

    // ---- the side with one port

    private void awaitHoles(Note.Place peer) {
        Ports range = Ports.of(peer.low(), peer.high());
        List<Integer> ports = range.some(at.limits().probes(), scope().random());
        holes = () -> probe(range, ports);
        if (manner == Manner.STEADY) {
            matching.probe(1, peer(ports.get(0))); // takes the port that we told
        }
        long longest = 1_000L * at.limits().sockets() / at.limits().perSecond() + SLACK_MILLIS;
        after(2 * longest + at.clocks().rtt() / 1_000_000, holes);
        if (theirSockets > 0) {
            holes.run();
        }
    }

    @Override
    void opened(int sockets) {
        if (theirSockets == 0 && !random) {
            theirSockets = Math.max(1, sockets);
            holes.run();
        }
    }

    private void probe(Ports range, List<Integer> ports) {
        if (started) {
            return;
        }
        started = true;
        owner.evidence(
                "tries "
                        + ports.size()
                        + " of "
                        + range.range()
                        + " ports against "
                        + theirSockets
                        + " sockets: "
                        + Math.round(1_000 * range.chance(theirSockets, ports.size())) / 10.0
                        + " %");
        int socket = manner == Manner.FIXED ? 0 : 1;
        for (int port : ports) {
            at.pace()
                    .then(
                            () -> {
                                if (!isOver() && !matching.hopeful()) {
                                    matching.probe(socket, peer(port));
                                }
                            });
        }
        at.pace().then(() -> after(LAST_MILLIS + at.clocks().rtt() / 1_000_000, this::failed));
    }

    private void failed() {
        fail("no port of those tried was one of the open");
    }
}
