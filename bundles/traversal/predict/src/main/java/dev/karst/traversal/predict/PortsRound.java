// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.traversal.PortGuess;
import java.util.ArrayList;
import java.util.List;

/**
 * Both sides meet at ports that are known or predicted. A side whose ports move opens a burst of
 * sockets, all to the one port where the other will be met, and the burst passes the one port that
 * it told: so it does not matter how many ports strangers took before, up to the length of the
 * burst.
 */
final class PortsRound extends UdpRound {
    /** Strangers that a burst bears, and one; then more as more are known of. */
    static final int BURST = 8;

    static final int LONGEST = 24;
    private static final int ALIKE = 3;
    private static final long[] AGAIN_MILLIS = {0, 120, 300, 600, 1_000};
    private static final long WINDOW_MILLIS = 1_300;
    private static final long MORE_MILLIS = 1_500;

    private final Manner manner;

    PortsRound(Situation at, Owner owner, int number) {
        super(at, owner, number);
        manner = Manner.of(nat().udp());
    }

    @Override
    void begin() {
        if (!manner.known()) {
            fail("our ports follow no rule");
            return;
        }
        bind(manner == Manner.FIXED ? 1 : 1 + burst(), this::look);
    }

    private int burst() {
        return switch (nat().udp().allocation().kind()) {
            case INDEPENDENT_STEP -> {
                double delay = at.clocks().rtt() / 2e9 + 0.05;
                int least = Math.min(LONGEST, BURST * (1 + number / 2));
                yield StepPredictor.burst(nat().udp().allocation(), delay, least, LONGEST);
            }
            default -> ALIKE;
        };
    }

    private void look() {
        look(
                0,
                seen -> {
                    if (manner == Manner.FIXED) {
                        place(seen.getAddress(), Ports.ALL, List.of(seen.getPort()));
                    } else {
                        predict(
                                1,
                                ends.count(),
                                guesses -> {
                                    List<Integer> ports = new ArrayList<>();
                                    for (PortGuess g : guesses) {
                                        ports.add(g.port());
                                    }
                                    place(seen.getAddress(), Ports.ALL, ports);
                                });
                    }
                });
    }

    @Override
    void go(Note.Place peer) {
        if (peer.ports().isEmpty()) {
            fail("the peer knows no port of its own");
            return;
        }
        owner.evidence(
                (manner == Manner.FIXED ? "one socket" : ends.count() - 1 + " sockets")
                        + " to port "
                        + peer.ports().get(0)
                        + (manner == Manner.FIXED && peer.ports().size() > 1
                                ? " and " + (peer.ports().size() - 1) + " more"
                                : ""));
        for (long ms : AGAIN_MILLIS) {
            if (ms == 0) {
                send(peer);
            } else {
                after(ms, () -> send(peer));
            }
        }
        after(WINDOW_MILLIS + at.clocks().rtt() / 2_000_000, this::late);
    }

    private void send(Note.Place peer) {
        if (matching.hopeful()) {
            return;
        }
        if (manner == Manner.FIXED) {
            peer.ports().forEach(p -> at.pace().then(() -> probe(0, p)));
        } else {
            int port = peer.ports().get(0);
            for (int i = 1; i < ends.count(); i++) {
                int socket = i;
                at.pace().then(() -> probe(socket, port));
            }
        }
    }

    private void probe(int socket, int port) {
        if (!isOver()) {
            matching.probe(socket, peer(port));
        }
    }

    private void late() {
        if (matching.hopeful()) {
            after(MORE_MILLIS, this::failed);
        } else {
            failed();
        }
    }

    private void failed() {
        fail("nothing came through at the ports predicted");
    }
}
