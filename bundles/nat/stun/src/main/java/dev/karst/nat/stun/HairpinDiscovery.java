// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import dev.karst.IpAddresses;
import dev.karst.nat.stun.Question.Pace;
import dev.karst.nat.stun.Question.What;
import dev.karst.spi.nat.NatBehavior.Hairpin;
import java.net.InetSocketAddress;

/**
 * Two sockets write to each other's external address: who comes back in, and from where. Both
 * write, so that a filter which wants to see that first is content.
 */
final class HairpinDiscovery {
    private static final int TRIES = 2;
    private static final long GAP = 15_000_000;
    private static final long SLACK = 20_000_000;

    private final Run run;
    private final Runnable changed;
    private boolean begun;
    private boolean done;
    private int open = 2;
    private Hairpin result = Hairpin.UNKNOWN;

    /** One of the two. */
    record End(StunSocket socket, InetSocketAddress mapped) {}

    HairpinDiscovery(Run run, Runnable changed) {
        this.run = run;
        this.changed = changed;
    }

    boolean begun() {
        return begun;
    }

    boolean done() {
        return done;
    }

    Hairpin result() {
        return result;
    }

    /** No test: nothing is translated, or there is nothing to test with. */
    void skip() {
        begun = true;
        done = true;
    }

    /**
     * Begins.
     *
     * @param rtt to a server, in nanoseconds: the NAT is nearer
     */
    void begin(End a, End b, long rtt) {
        begun = true;
        one(a, b, rtt);
        one(b, a, rtt);
    }

    private void one(End from, End to, long rtt) {
        Pace pace = new Pace(TRIES, GAP, 1, rtt + SLACK);
        Question[] question = new Question[1];
        to.socket()
                .incoming(
                        (source, id) -> {
                            if (question[0] != null && question[0].sent(id) && !done) {
                                seen(from, source);
                            }
                        });
        question[0] =
                from.socket()
                        .ask(
                                What.binding(to.mapped()),
                                pace,
                                none -> {
                                    if (--open == 0 && !done) {
                                        end(Hairpin.NONE, "did not come back");
                                    }
                                });
    }

    private void seen(End from, InetSocketAddress source) {
        boolean inside =
                source.getPort() == from.socket().local().getPort()
                        && !source.getAddress().equals(from.mapped().getAddress());
        end(
                inside ? Hairpin.INTERNAL_SOURCE : Hairpin.EXTERNAL_SOURCE,
                "came back from " + IpAddresses.text(source));
    }

    private void end(Hairpin h, String what) {
        done = true;
        result = h;
        run.say("a packet to our own external address " + what);
        changed.run();
    }
}
