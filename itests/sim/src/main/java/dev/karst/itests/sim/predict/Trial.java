// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.predict;

import dev.karst.core.udp.Consent;
import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.nat.NatPolicy;
import dev.karst.itests.sim.nat.NatWorld;
import dev.karst.itests.sim.nattable.Manner;
import dev.karst.itests.sim.nattable.StunHost;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.traversal.TraversalStrategy;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * One attempt between two homes, without nodes around it: cheap enough for statistics. The sockets
 * are the core's own, with its limits; what a detector would have learnt is given.
 */
public final class Trial {
    private static final Duration SKEW = Duration.ofMillis(40);

    final NatWorld w;
    final TrialSide a;
    final TrialSide b;
    final SimHost stun;
    final String id;
    final Duration signal;
    private final NatHome homeA;
    private final NatHome homeB;

    /** With 20 ms on each link, no loss, and messages that take 80 ms. */
    public Trial(long seed, NatPolicy ofA, NatPolicy ofB) {
        this(seed, ofA, ofB, LinkProfile.of(Duration.ofMillis(20)), Duration.ofMillis(80));
    }

    /**
     * A trial.
     *
     * @param links what they are like outside of the homes
     * @param signal how long a message takes
     */
    public Trial(long seed, NatPolicy ofA, NatPolicy ofB, LinkProfile links, Duration signal) {
        w = new NatWorld(seed);
        w.world().defaultProfile(links);
        this.signal = signal;
        id = String.format("%032x", seed);
        stun = w.server("stun", "198.51.100.1");
        new StunHost(stun, Manner.HONEST, new InetSocketAddress("198.51.100.1", 53));
        homeA = w.home("a", ofA);
        homeB = w.home("b", ofB);
        a = new TrialSide(this, homeA, ofA, true, new Consent(w.world()::nanoTime));
        b = new TrialSide(this, homeB, ofB, false, new Consent(w.world()::nanoTime));
    }

    TrialSide other(TrialSide s) {
        return s == a ? b : a;
    }

    /** A detector was wrong about the ports of A or B. */
    public Trial believed(boolean ofA, Kind kind) {
        (ofA ? a : b).believed(kind);
        return this;
    }

    /** What becomes of the messages of A or B on their way. */
    public Trial messages(boolean ofA, UnaryOperator<byte[]> change) {
        (ofA ? a : b).messages(change);
        return this;
    }

    /** Ends both attempts. */
    public void cancel() {
        a.scope().cancel();
        b.scope().cancel();
        w.world().run(Duration.ofSeconds(1));
    }

    /** Sockets that are open on both sides. */
    public int openSockets() {
        return a.scope().openSockets() + b.scope().openSockets();
    }

    /** Whether both attempts have ended, well or not. */
    public boolean ended() {
        return a.ended() && b.ended();
    }

    /** Both sides try; true if both have the same pair within that virtual time. */
    public boolean run(TraversalStrategy strategy, Duration limit) {
        a.begin(strategy);
        w.world().after(SKEW, () -> b.begin(strategy));
        w.world().runs(() -> a.ended() && b.ended(), limit);
        return a.won() && b.won();
    }

    /** Milliseconds until A had its path. */
    public long tookMillis() {
        return a.tookMillis();
    }

    /** Mappings on the box of A or B. */
    public int mappings(boolean ofA) {
        return (ofA ? homeA : homeB).nat().box().mappings();
    }

    public String story() {
        return "a:\n   " + a.story() + "\nb:\n   " + b.story();
    }
}
