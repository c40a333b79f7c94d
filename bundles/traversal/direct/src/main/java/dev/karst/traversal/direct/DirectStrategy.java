// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.direct;

import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.NatProfile.Behavior;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.time.Duration;
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

    @Activate
    public DirectStrategy() {}

    @Override
    public Odds estimate(NatProfile local, NatProfile remote) {
        return new Odds(chance(remote), TIME, PACKETS);
    }

    private static double chance(NatProfile remote) {
        return switch (remote.mapping()) {
            case NONE -> filters(remote.filtering()) ? 0.3 : 0.95;
            case UNKNOWN, BLOCKED -> 0.5; // both are said of UDP only
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
        if (attempt.remoteCandidates().isEmpty()) {
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
