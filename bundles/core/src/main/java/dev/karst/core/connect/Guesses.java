// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.registry.ProviderRegistry;
import dev.karst.core.world.CoreScope;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortPredictor;
import dev.karst.spi.traversal.PortSituation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** Asks port predictors one after the other: the best that has an opinion is believed. */
final class Guesses {
    private static final Duration LIMIT = Duration.ofMillis(100);

    private Guesses() {}

    /** Never fails; empty where nobody has an opinion. */
    static CompletableFuture<List<PortGuess>> of(ProviderRegistry registry, PortSituation what) {
        return ask(registry.usable(PortPredictor.class).iterator(), what);
    }

    private static CompletableFuture<List<PortGuess>> ask(
            Iterator<ProviderHandle<PortPredictor>> rest, PortSituation what) {
        if (!rest.hasNext()) {
            return CompletableFuture.completedFuture(List.of());
        }
        ProviderHandle<PortPredictor> h = rest.next();
        CoreScope scope = h.scope(LIMIT);
        return h.<List<PortGuess>>call(
                        "predict",
                        scope,
                        LIMIT,
                        (p, s) -> CompletableFuture.completedFuture(copy(p.predict(what))))
                .handle(
                        (guesses, e) -> {
                            scope.cancel();
                            return e != null || guesses.isEmpty()
                                    ? ask(rest, what)
                                    : CompletableFuture.completedFuture(guesses);
                        })
                .thenCompose(f -> f);
    }

    /** On the provider's thread, since the list is its own. */
    private static List<PortGuess> copy(List<PortGuess> guesses) {
        List<PortGuess> out = new ArrayList<>();
        for (PortGuess g : guesses) {
            if (out.size() == PortPredictor.MOST) {
                break;
            }
            out.add(Objects.requireNonNull(g, "a guess is null"));
        }
        return List.copyOf(out);
    }
}
