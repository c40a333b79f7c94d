// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.direct;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Dials what the peer said; the other side only waits to be dialled. Keeps no state. */
@Component(
        name = "dev.karst.traversal.direct",
        service = TraversalStrategy.class,
        property = "karst.name=direct")
public final class DirectStrategy implements TraversalStrategy {
    private static final Duration TIME = Duration.ofMillis(200);
    private static final int PACKETS = 16;
    private static final double UNKNOWN = 0.5;

    @Activate
    public DirectStrategy() {}

    @Override
    public Odds estimate(NatProfile local, NatProfile remote) {
        double chance =
                Math.max(
                        chance(remote.ipv4()),
                        remote.ipv6().map(DirectStrategy::chance).orElse(0.0));
        return new Odds(chance, TIME, PACKETS);
    }

    private static double chance(Optional<NatBehavior> remote) {
        return remote.map(DirectStrategy::chance).orElse(UNKNOWN);
    }

    private static double chance(NatBehavior remote) {
        return switch (remote.udp().mapping()) {
            case NONE -> filters(remote.udp().filtering()) ? 0.3 : 0.95;
            case UNKNOWN, BLOCKED -> UNKNOWN; // both are said of UDP only
            default -> 0.15; // a forwarded port, or the same network
        };
    }

    private static boolean filters(Behavior filtering) {
        return filtering == Behavior.ADDRESS_DEPENDENT
                || filtering == Behavior.ADDRESS_AND_PORT_DEPENDENT
                || filtering == Behavior.BLOCKED;
    }

    @Override
    public CompletionStage<? extends Path> attempt(Attempt attempt) {
        if (!attempt.initiator()) {
            return fail("waits for the initiator");
        }
        if (Order.dialable(attempt.remoteCandidates()).isEmpty()) {
            return fail("the peer named no place to try");
        }
        CompletableFuture<Path> result = new CompletableFuture<>();
        new CandidateRace(attempt, result).begin();
        return result;
    }

    private static CompletionStage<Path> fail(String why) {
        return CompletableFuture.failedFuture(new NoPathException(why));
    }
}
