// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.traversal;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Knows how a kind of NAT picks external ports. Asked by the core on a thread of the provider, when
 * a strategy is about to open fresh sockets behind an endpoint-dependent NAT; of several the one of
 * the highest ranking that has an opinion is believed. Service property: {@code karst.name}.
 */
@ConsumerType
public interface PortPredictor {
    /** Guesses beyond that are not looked at. */
    int MOST = 64;

    /**
     * Where the next sockets will be seen. Must return at once (100 ms at most); sends nothing.
     *
     * @return the likeliest first, at most {@value #MOST}; empty = no opinion, and the next
     *     predictor is asked
     */
    List<PortGuess> predict(PortSituation situation);
}
