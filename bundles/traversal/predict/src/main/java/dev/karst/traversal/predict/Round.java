// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.Scope;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PortSituation.Observation;
import dev.karst.spi.traversal.PortSituation.Protocol;
import dev.karst.spi.traversal.PunchSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * One try: look where we are seen, tell it, and when both sides have told, go at the same moment.
 * All of it on the attempt's executor.
 */
abstract class Round {
    /** Who acts on what a round finds. */
    interface Owner {
        void tell(Note n);

        void evidence(String line);

        /** Both sides have this pair. */
        void won(Round by, PunchSocket socket, InetSocketAddress remote);

        /** Somebody is there by TCP, perhaps the peer. */
        void connected(TcpSocket socket);

        /** Nothing came of it. */
        void over(Round which, String why);
    }

    private static final long MARGIN = 20_000_000L;
    private static final Duration PLACE_LIMIT = Duration.ofMillis(2_500);
    private static final long LATEST = 10_000_000_000L;

    final Situation at;
    final Owner owner;
    final int number;
    private Note.Place theirs;
    private long ownGo;
    private boolean placed;
    private boolean gone;
    private boolean over;

    Round(Situation at, Owner owner, int number) {
        this.at = at;
        this.owner = owner;
        this.number = number;
    }

    /** Opens sockets and looks; ends by {@link #place} or {@link #fail}. */
    abstract void begin();

    /** Both sides' places are known, and the moment has come. */
    abstract void go(Note.Place peer);

    /** The other side's holes are there: of that many sockets. */
    void opened(int sockets) {}

    /** Closes all but what goes on. */
    abstract void close(PunchSocket kept);

    final Scope scope() {
        return at.attempt().scope();
    }

    final long now() {
        return scope().nanoTime();
    }

    final void after(long millis, Runnable what) {
        scope().after(
                        Duration.ofMillis(millis),
                        () -> {
                            if (!over) {
                                what.run();
                            }
                        });
    }

    /** Tells the peer where we shall be. */
    final void place(InetAddress address, Ports range, List<Integer> ports) {
        if (over) {
            return;
        }
        placed = true;
        ownGo = now() + at.clocks().rtt() / 2 + MARGIN;
        List<Integer> some = ports.subList(0, Math.min(Note.MOST_PORTS, ports.size()));
        long go = at.clocks().theirs(ownGo);
        owner.tell(new Note.Place(number, go, address, range.low(), range.high(), some));
        scope().after(
                        PLACE_LIMIT.plusNanos(at.clocks().rtt()),
                        () -> {
                            if (theirs == null) {
                                fail("the peer told no port");
                            }
                        });
        both();
    }

    final void theirs(Note.Place p) {
        if (theirs == null && !over) {
            theirs = p;
            both();
        }
    }

    private void both() {
        if (theirs == null || !placed || gone || over) {
            return;
        }
        gone = true;
        if (!theirs.address().equals(at.target())) {
            fail(
                    "the peer names "
                            + theirs.address().getHostAddress()
                            + ", where no server saw it: nothing is sent there");
            return;
        }
        long wait = Math.max(ownGo, theirs.go()) - now();
        if (wait > LATEST) {
            fail("the peer wants to start in " + wait / 1_000_000_000 + " s");
            return;
        }
        scope().after(
                        Duration.ofNanos(Math.max(0, wait)),
                        () -> {
                            if (!over) {
                                go(theirs);
                            }
                        });
    }

    /**
     * Where the next sockets will be seen, as an installed predictor says, or by the rules that all
     * know.
     *
     * @param guessed the likeliest first, never empty
     */
    final void predict(
            Protocol protocol,
            List<Integer> next,
            List<Observation> seen,
            Consumer<List<PortGuess>> guessed) {
        Translation t = protocol == Protocol.UDP ? nat().udp() : Chances.tcp(nat());
        Duration delay = Duration.ofNanos(at.clocks().rtt() / 2 + MARGIN);
        PortSituation s = new PortSituation(protocol, t, seen, next, delay);
        at.attempt()
                .predict(s)
                .exceptionally(e -> List.of())
                .thenAccept(
                        g -> {
                            if (g.isEmpty()) {
                                guessed(new StepPredictor().predict(s), "", guessed);
                            } else {
                                scope().executor()
                                        .execute(() -> guessed(g, " (installed)", guessed));
                            }
                        });
    }

    private void guessed(List<PortGuess> all, String by, Consumer<List<PortGuess>> told) {
        if (isOver()) {
            return;
        }
        if (all.isEmpty()) {
            fail("no predictor has an idea of the next port");
            return;
        }
        PortGuess best = all.get(0);
        owner.evidence(
                "predicts port "
                        + best.port()
                        + by
                        + ", to be met with "
                        + Math.round(100 * best.weight())
                        + " %");
        told.accept(all);
    }

    final InetSocketAddress peer(int port) {
        return new InetSocketAddress(at.target(), port);
    }

    final NatBehavior nat() {
        return at.attempt().localNat().ipv4().orElseThrow();
    }

    final boolean isOver() {
        return over;
    }

    final void fail(String why) {
        if (!over) {
            end(null);
            owner.over(this, why);
        }
    }

    final void end(PunchSocket kept) {
        if (!over) {
            over = true;
            close(kept);
        }
    }
}
