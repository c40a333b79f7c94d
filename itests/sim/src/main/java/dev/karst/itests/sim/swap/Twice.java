// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;

/** A stage that breaks its contract: who listens is told twice. */
final class Twice<T> extends CompletableFuture<T> {
    static <T> CompletionStage<T> of(CompletionStage<T> stage) {
        Twice<T> t = new Twice<>();
        stage.whenComplete(
                (r, e) -> {
                    if (e == null) {
                        t.complete(r);
                    } else {
                        t.completeExceptionally(e);
                    }
                });
        return t;
    }

    @Override
    public CompletableFuture<T> whenComplete(BiConsumer<? super T, ? super Throwable> action) {
        return super.whenComplete(
                (r, e) -> {
                    action.accept(r, e);
                    action.accept(r, e);
                });
    }
}
