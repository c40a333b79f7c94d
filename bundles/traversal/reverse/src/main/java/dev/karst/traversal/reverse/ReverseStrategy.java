// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.reverse;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The side that was asked dials, the side that asked waits to be dialled. Keeps no state. */
@Component(
        name = "dev.karst.traversal.reverse",
        service = TraversalStrategy.class,
        property = "karst.name=reverse")
public final class ReverseStrategy implements TraversalStrategy {
    private static final Duration TIME = Duration.ofMillis(300);
    private static final int PACKETS = 16;
    private static final double UNKNOWN = 0.4;

    @Activate
    public ReverseStrategy() {}

    /**
     * Not told who asks, so of the side that is easier to reach: who asks is reached by this, who
     * is asked by direct dialling.
     */
    @Override
    public Odds estimate(NatProfile local, NatProfile remote) {
        return new Odds(Math.max(chance(local), chance(remote)), TIME, PACKETS);
    }

    private static double chance(NatProfile asked) {
        double v4 = asked.ipv4().map(ReverseStrategy::chance).orElse(UNKNOWN);
        return Math.max(v4, asked.ipv6().map(ReverseStrategy::chance).orElse(0.0));
    }

    private static double chance(NatBehavior nat) {
        Translation tcp = nat.tcp();
        return switch (tcp.mapping()) {
            case NONE -> filters(tcp.filtering()) ? 0.2 : 0.9;
            case UNKNOWN -> UNKNOWN;
            case BLOCKED -> 0;
            default -> 0.15; // a forwarded port, or the same network
        };
    }

    private static boolean filters(Behavior filtering) {
        return filtering == Behavior.ADDRESS_DEPENDENT
                || filtering == Behavior.ADDRESS_AND_PORT_DEPENDENT
                || filtering == Behavior.BLOCKED;
    }

    @Override
    public boolean mutual() {
        return true;
    }

    @Override
    public CompletionStage<? extends Path> attempt(Attempt attempt) {
        CompletableFuture<Path> result = new CompletableFuture<>();
        Optional<String> hopeless = BackDial.hopeless(attempt);
        if (hopeless.isPresent()) {
            result.completeExceptionally(new NoPathException(hopeless.get()));
        } else if (attempt.initiator()) {
            // What the peer dials comes in by a listener, and the core knows whose it is.
            attempt.evidence("waits for the peer to connect to " + BackDial.places(attempt));
            attempt.scope()
                    .onCancel(
                            () ->
                                    result.completeExceptionally(
                                            new CancellationException("cancelled")));
        } else {
            new BackDial(attempt, result).begin();
        }
        return result;
    }
}
