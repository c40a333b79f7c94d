// SPDX-License-Identifier: Apache-2.0
package com.example.badstrategy;

import dev.karst.Endpoint;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Component;

/** Dials the peer's candidates one after the other, every other time. */
@Component(service = TraversalStrategy.class, property = "karst.name=direct")
public final class BadStrategy implements TraversalStrategy {
    private final AtomicInteger attempts = new AtomicInteger();

    @Override
    public Odds estimate(NatProfile local, NatProfile remote) {
        return new Odds(0.9, Duration.ofMillis(200), 16);
    }

    @Override
    public CompletionStage<? extends Path> attempt(Attempt attempt) {
        if (attempts.getAndIncrement() % 2 == 0) {
            return CompletableFuture.failedFuture(new IOException("bad luck"));
        }
        List<Endpoint> places =
                attempt.remoteCandidates().stream().filter(e -> e.scheme().equals("tcp")).toList();
        return next(attempt, places.iterator());
    }

    private static CompletionStage<Path> next(Attempt attempt, Iterator<Endpoint> places) {
        if (!places.hasNext()) {
            return CompletableFuture.failedFuture(new IOException("no place answers"));
        }
        return attempt.dial(places.next())
                .thenCompose(attempt::prove)
                .exceptionallyCompose(e -> next(attempt, places));
    }
}
