// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import dev.karst.IpAddresses;
import dev.karst.KarstException;
import dev.karst.lib.ice.CandidateType;
import dev.karst.spi.relay.RelayProvider.Family;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.RelayPunchSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An address at a relay for this attempt: asked for, told to the other side, and opened to the
 * peer's addresses. That there is none is no failure. Runs on the attempt's executor.
 */
final class Relaying {
    private static final int PERMITTED = 16;
    private static final List<Duration> AGAIN =
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(3));

    private final Attempt attempt;
    private final Set<InetAddress> peers = new LinkedHashSet<>();
    private final List<RelayPunchSocket> relays = new ArrayList<>();
    private boolean asked;

    Relaying(Attempt attempt) {
        this.attempt = attempt;
    }

    /**
     * Asks once.
     *
     * @param none told why there is none
     * @param forbidden run if this attempt is for a direct path only
     */
    void ask(
            String why, Consumer<RelayPunchSocket> got, Consumer<String> none, Runnable forbidden) {
        if (asked) {
            return;
        }
        asked = true;
        attempt.evidence("asked for a relay: " + why);
        long began = attempt.scope().nanoTime();
        attempt.relay(Family.IPV4)
                .whenCompleteAsync(
                        (relay, e) -> {
                            long ms = (attempt.scope().nanoTime() - began) / 1_000_000;
                            if (e != null) {
                                attempt.evidence("no relay: " + Words.reason(e));
                                none.accept(Words.reason(e));
                                if (Words.cause(e) instanceof KarstException k
                                        && k.code() == KarstException.Code.NOT_PERMITTED) {
                                    forbidden.run();
                                }
                                return;
                            }
                            attempt.evidence(
                                    "the relay "
                                            + IpAddresses.text(relay.server())
                                            + " gave "
                                            + IpAddresses.text(relay.local())
                                            + " after "
                                            + ms
                                            + " ms");
                            relays.add(relay);
                            peers.forEach(p -> permit(relay, p));
                            got.accept(relay);
                            Note note = new Note(CandidateType.RELAYED, relay.local());
                            tell(note);
                            AGAIN.forEach(d -> attempt.scope().after(d, () -> tell(note)));
                        },
                        attempt.scope().executor());
    }

    private void tell(Note note) {
        attempt.tell(note.bytes())
                .whenComplete(
                        (x, e) -> {
                            if (e != null) {
                                attempt.scope().count("udppunch.not-told");
                            }
                        });
    }

    /** Lets the peer in from there. */
    void peer(InetAddress address) {
        boolean outside = address instanceof Inet4Address && !IpAddresses.isPrivate(address);
        if (outside && peers.size() < PERMITTED && peers.add(address)) {
            relays.forEach(r -> permit(r, address));
        }
    }

    private void permit(RelayPunchSocket relay, InetAddress peer) {
        relay.permit(peer)
                .whenComplete(
                        (x, e) -> {
                            if (e != null) {
                                attempt.evidence(
                                        "the relay does not let "
                                                + IpAddresses.text(peer)
                                                + " in: "
                                                + Words.reason(e));
                            }
                        });
    }
}
