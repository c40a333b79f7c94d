// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.Subscription;
import dev.karst.spi.Scope;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Stages that always end: by what happened, at a time limit, or with the scope or its deadline. */
final class Pending {
    private Pending() {}

    static <T> CompletableFuture<T> in(Scope scope, Duration limit, String late) {
        CompletableFuture<T> f = new CompletableFuture<>();
        Subscription timer =
                scope.after(
                        least(limit, left(scope)),
                        () -> f.completeExceptionally(UpnpFailure.late(late)));
        Subscription cancel =
                scope.onCancel(() -> f.completeExceptionally(UpnpFailure.cancelled()));
        f.whenComplete(
                (value, e) -> {
                    timer.close();
                    cancel.close();
                });
        return f;
    }

    private static Duration left(Scope scope) {
        Duration left = Duration.between(scope.clock().instant(), scope.deadline());
        return left.isNegative() ? Duration.ZERO : left;
    }

    private static Duration least(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    static <T> void forward(CompletionStage<T> from, CompletableFuture<T> to) {
        from.whenComplete(
                (value, e) -> {
                    if (e != null) {
                        to.completeExceptionally(e);
                    } else {
                        to.complete(value);
                    }
                });
    }

    /** What the core sees of it: failures as it knows them. */
    static <T> CompletionStage<T> told(CompletionStage<T> stage) {
        CompletableFuture<T> out = new CompletableFuture<>();
        stage.whenComplete(
                (value, e) -> {
                    if (e != null) {
                        out.completeExceptionally(UpnpFailure.of(e).told());
                    } else {
                        out.complete(value);
                    }
                });
        return out;
    }
}
