// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.ConnectReport.Attempt;
import dev.karst.ConnectReport.Outcome;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.core.connect.Verdict.Tally;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatBehavior.Hint;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private static final KarstException NO_PATH =
            new KarstException(Code.TIMEOUT, "no path within 20 s");

    private static NatBehavior.Builder nat(Behavior mapping, Kind kind) {
        Behavior filtering =
                mapping == Behavior.BLOCKED ? mapping : Behavior.ADDRESS_AND_PORT_DEPENDENT;
        PortAllocation ports = new PortAllocation(kind, 0, 1, 0, 0, 0);
        return NatBehavior.builder()
                .udp(new Translation(mapping, filtering, ports))
                .local(new InetSocketAddress("192.168.1.2", 41234));
    }

    private static NatProfile home() {
        return NatProfile.of(nat(Behavior.ENDPOINT_INDEPENDENT, Kind.PRESERVED).build());
    }

    private static NatProfile office() {
        return NatProfile.of(nat(Behavior.ADDRESS_AND_PORT_DEPENDENT, Kind.RANDOM).build());
    }

    private static NatProfile carrier() {
        return NatProfile.of(
                nat(Behavior.ADDRESS_AND_PORT_DEPENDENT, Kind.RANDOM).hint(Hint.CGNAT).build());
    }

    private static NatProfile shut() {
        return NatProfile.of(nat(Behavior.BLOCKED, Kind.UNKNOWN).build());
    }

    private static Attempt attempt(String strategy, Outcome how, String... evidence) {
        return new Attempt(strategy, Duration.ZERO, Duration.ZERO, how, List.of(evidence));
    }

    private static void has(String text, String... parts) {
        for (String p : parts) {
            assertTrue(text.contains(p), text + "\n lacks " + p);
        }
    }

    @Test
    void aDirectPathNeedsNoAdvice() {
        Verdict v =
                Verdict.won(
                        "udppunch",
                        false,
                        List.of(
                                attempt("signal", Outcome.WON, "answered with 3 places"),
                                attempt("direct", Outcome.FAILED, "dialled", "nobody answers"),
                                attempt("udppunch", Outcome.RUNNING)),
                        new Nats(home(), home()),
                        new Tally(1, 1));
        has(v.sentence(), "connected by udppunch", "direct failed (nobody answers)");
        assertFalse(v.sentence().contains("signal"), v.sentence());
        assertEquals("", v.advice());
    }

    @Test
    void aRelayIsExplainedByBothNatsAndByWhatFailed() {
        Verdict v =
                Verdict.won(
                        "udppunch",
                        true,
                        List.of(
                                attempt("predict", Outcome.SKIPPED, "no chance between these NATs"),
                                attempt("tcppunch", Outcome.FAILED, "refused"),
                                attempt("udppunch", Outcome.WON)),
                        new Nats(office(), office()),
                        new Tally(0, 1));
        has(
                v.sentence(),
                "through a relay: both NATs give each destination another port (random here,"
                        + " random there)",
                "predict was not tried (no chance between these NATs); tcppunch failed (refused)");
        assertEquals("open UDP 41234 on this side's router", v.advice());
    }

    @Test
    void advisesTheSideThatCanHelp() {
        Tally t = new Tally(1, 4);
        assertEquals("let UDP out of the peer's network", new Nats(home(), shut()).help(true, t));
        assertEquals("let UDP out of this side's network", new Nats(shut(), home()).help(true, t));
        has(new Nats(carrier(), home()).help(true, t), "open the peer's UDP port on its router");
        has(
                new Nats(carrier(), carrier()).help(true, t),
                "this side's carrier gives random ports: a direct path succeeded in 1 of 4;"
                        + " keep the relay");
        has(new Nats(carrier(), carrier()).help(false, t), "use a relay");
        has(Nats.UNKNOWN.help(false, t), "dev.karst.nat.stun");
    }

    @Test
    void namesTheObstacle() {
        has(new Nats(home(), office()).obstacle(), "the peer's NAT gives", "this side's lets in");
        has(new Nats(carrier(), home()).obstacle(), "this side's NAT gives", "the peer's lets in");
        has(new Nats(shut(), home()).obstacle(), "UDP does not leave this side's network");
        has(new Nats(home(), NatProfile.unknown()).obstacle(), "told nothing");
        has(new Nats(home(), home()).obstacle(), "something on the way drops");
        has(Nats.UNKNOWN.obstacle(), "nothing is known");
    }

    @Test
    void whoFailsWithoutARelayIsToldOfRelays() {
        List<Attempt> tried =
                List.of(attempt("udppunch", Outcome.FAILED, "no relay: none is installed", "none"));
        Verdict v = Verdict.failed(NO_PATH, tried, new Nats(carrier(), carrier()), Tally.NONE);
        has(v.sentence(), "no path within 20 s: both NATs", "udppunch failed (none)");
        has(v.advice(), "name a TURN server", "carrier");
    }

    @Test
    void otherFailuresSayWhatTheyAre() {
        Verdict v =
                Verdict.failed(
                        new KarstException(Code.WRONG_KEY, "forged"),
                        List.of(attempt("direct", Outcome.FAILED, "x".repeat(500))),
                        Nats.UNKNOWN,
                        Tally.NONE);
        has(v.sentence(), "forged", "x…)");
        assertTrue(v.sentence().length() < 300, v.sentence());
        has(v.advice(), "present address");
        Verdict silent =
                Verdict.failed(
                        new KarstException(Code.UNREACHABLE, "the peer does not answer signals"),
                        List.of(attempt("signal", Outcome.FAILED, "no answer to the signal")),
                        new Nats(home(), NatProfile.unknown()),
                        Tally.NONE);
        assertEquals("the peer does not answer signals", silent.sentence());
        has(silent.advice(), "see that the peer runs");
    }

    @Test
    void aRelayStaysWhereNothingBetterIsFound() {
        Verdict v =
                Verdict.stays(NO_PATH, List.of(), new Nats(carrier(), carrier()), new Tally(0, 3));
        has(v.sentence(), "connected through a relay", "no path within 20 s", "both NATs");
        has(v.advice(), "0 of 3", "keep the relay");
    }
}
