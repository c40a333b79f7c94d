// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.IpAddresses;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortSituation.Observation;
import dev.karst.spi.traversal.PortSituation.Protocol;
import dev.karst.spi.traversal.PunchSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** The same by TCP: connections from a burst of ports, so that SYN meets SYN (RFC 9293, 3.5). */
final class TcpRound extends Round {
    private static final int LOWEST_PORT = 20_000;
    private static final int PORTS = 40_000;
    private static final int BURST = 6;
    private static final int LONGEST = 12;
    private static final int ALIKE = 2;
    private static final int PLACES = 8;
    private static final long WINDOW_MILLIS = 2_500;

    private final Translation tcp;
    private final Manner manner;
    private final int base;
    private final List<Knocker> knockers = new ArrayList<>();
    private TcpSonde sonde;

    TcpRound(Situation at, Owner owner, int number) {
        super(at, owner, number);
        tcp = Chances.tcp(nat());
        manner = Manner.of(tcp);
        base = LOWEST_PORT + scope().random().nextInt(PORTS - LONGEST);
    }

    @Override
    void begin() {
        if (!manner.known()) {
            fail("our TCP ports follow no rule");
            return;
        }
        InetAddress own = nat().local().map(InetSocketAddress::getAddress).orElse(null);
        if (tcp.mapping() == Behavior.NONE && own instanceof Inet4Address) {
            place(own, Ports.ALL, List.of(base));
            return;
        }
        InetSocketAddress server = at.server(number);
        sonde =
                new TcpSonde(
                        scope(),
                        a ->
                                a.ifPresentOrElse(
                                        this::seen,
                                        () ->
                                                fail(
                                                        "the STUN server "
                                                                + IpAddresses.text(server)
                                                                + " does not answer by TCP")));
        sonde.ask(new InetSocketAddress(base), server);
    }

    private void seen(InetSocketAddress outside) {
        if (isOver()) {
            return;
        }
        at.tcp().add(new Observation(base, outside.getPort(), now()));
        owner.evidence("TCP port " + base + " is seen as " + IpAddresses.text(outside));
        if (manner == Manner.FIXED) {
            place(outside.getAddress(), Ports.ALL, List.of(outside.getPort()));
            return;
        }
        List<Integer> next = new ArrayList<>();
        for (int i = 1; i <= burst(); i++) {
            next.add(base + i);
        }
        predict(
                Protocol.TCP,
                next,
                at.tcp(),
                guesses ->
                        place(
                                outside.getAddress(),
                                Ports.ALL,
                                guesses.stream().map(PortGuess::port).toList()));
    }

    private int burst() {
        return switch (tcp.allocation().kind()) {
            case INDEPENDENT_STEP ->
                    StepPredictor.burst(
                            tcp.allocation(), at.clocks().rtt() / 2e9 + 0.05, BURST, LONGEST);
            default -> ALIKE;
        };
    }

    @Override
    void go(Note.Place peer) {
        if (peer.ports().isEmpty()) {
            fail("the peer knows no TCP port of its own");
            return;
        }
        if (manner == Manner.FIXED) {
            peer.ports().stream().limit(PLACES).forEach(p -> add(base, p));
        } else {
            for (int i = 1; i <= burst(); i++) {
                add(base + i, peer.ports().get(0));
            }
        }
        owner.evidence(knockers.size() + " TCP ports knock at " + peer.ports().get(0));
        knockers.forEach(k -> at.pace().then(k::knock));
        after(WINDOW_MILLIS + at.clocks().rtt() / 1_000_000, this::failed);
    }

    private void add(int local, int port) {
        knockers.add(
                new Knocker(
                        at.attempt(), new InetSocketAddress(local), peer(port), owner::connected));
    }

    private void failed() {
        fail("no SYN met the peer's at the ports predicted");
    }

    @Override
    void close(PunchSocket kept) {
        knockers.forEach(Knocker::end);
        if (sonde != null) {
            sonde.close();
        }
    }
}
