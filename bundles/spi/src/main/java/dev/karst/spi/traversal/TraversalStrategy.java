// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.traversal;

import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One idea for finding a path. Called by the core on a thread of the provider. Service property:
 * {@code karst.name}.
 */
@ConsumerType
public interface TraversalStrategy {
    /** Its chance, time and cost for this pair. Must return at once; sends nothing. */
    Odds estimate(NatProfile local, NatProfile remote);

    /**
     * Whether the other side has to take part. It is then tried only once the peer answered a
     * signal, and on both sides; others are tried by who asked, as soon as a place is known.
     */
    default boolean mutual() {
        return false;
    }

    /**
     * Tries, until {@code attempt.scope()} is cancelled. Everything it opened and did not return is
     * closed when the stage completes.
     *
     * @return completes with a path that {@link Attempt#prove} accepted; fails with the reason in
     *     words when this idea is exhausted
     */
    CompletionStage<? extends Path> attempt(Attempt attempt);
}
