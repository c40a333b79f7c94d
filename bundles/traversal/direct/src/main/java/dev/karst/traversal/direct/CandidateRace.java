// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.direct;

import dev.karst.Endpoint;
import dev.karst.Subscription;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * One attempt: candidates start one after the other, a little apart, and at once after a failure.
 * The first that proves the peer wins; whatever else connected is closed.
 */
final class CandidateRace {
    private final Attempt attempt;
    private final CompletableFuture<Path> result;
    private final List<Endpoint> candidates;
    private final long began;

    private final List<String> failures = new ArrayList<>(); // these guarded by this
    private final Set<Path> proving = new LinkedHashSet<>();
    private int started;
    private Subscription timer = () -> {};
    private boolean over;

    CandidateRace(Attempt attempt, CompletableFuture<Path> result) {
        this.attempt = attempt;
        this.result = result;
        candidates = Order.interleave(Order.dialable(attempt.remoteCandidates()));
        began = attempt.scope().nanoTime();
    }

    void begin() {
        Subscription onCancel =
                attempt.scope()
                        .onCancel(
                                () ->
                                        result.completeExceptionally(
                                                new CancellationException("cancelled")));
        result.whenComplete(
                (path, e) -> {
                    onCancel.close();
                    end(path);
                });
        int left = Order.dialable(attempt.remoteCandidates()).size() - candidates.size();
        if (left > 0) {
            attempt.evidence(left + " more candidates repeat others or are too many: not tried");
        }
        next();
    }

    private void next() {
        Endpoint candidate;
        synchronized (this) {
            timer.close();
            if (over || started == candidates.size()) {
                return;
            }
            candidate = candidates.get(started++);
            if (started < candidates.size()) {
                timer = attempt.scope().after(Order.headStart(candidate), this::next);
            }
        }
        CompletionStage<Path> dial;
        try {
            dial = attempt.dial(candidate);
        } catch (RuntimeException e) {
            dial = CompletableFuture.failedFuture(e);
        }
        dial.whenComplete((path, e) -> dialled(candidate, path, e));
    }

    private void dialled(Endpoint candidate, Path path, Throwable e) {
        if (e != null) {
            failed(candidate, reason(e));
            return;
        }
        synchronized (this) {
            if (!over) {
                proving.add(path);
                if (started < candidates.size()) {
                    // RFC 8305, section 5: who connected is left alone, as long as keys may take.
                    timer.close();
                    timer = attempt.scope().after(Order.PROVING, this::next);
                }
            }
        }
        if (result.isDone()) {
            path.close();
            return;
        }
        attempt.evidence(candidate + " connected after " + millis());
        attempt.prove(path)
                .whenComplete(
                        (proven, why) -> {
                            if (why != null) {
                                synchronized (this) {
                                    proving.remove(path); // the core has closed it
                                }
                                failed(candidate, "not proven: " + reason(why));
                            } else {
                                won(candidate, path);
                            }
                        });
    }

    private void won(Endpoint candidate, Path path) {
        if (!result.isDone()) {
            attempt.evidence(candidate + " proved the peer after " + millis());
        }
        if (!result.complete(path)) {
            path.close();
        }
    }

    private void failed(Endpoint candidate, String reason) {
        boolean all;
        synchronized (this) {
            if (over) {
                return;
            }
            failures.add(candidate + " " + reason);
            all = failures.size() == candidates.size();
        }
        attempt.evidence(candidate + " " + reason + " after " + millis());
        if (all) {
            result.completeExceptionally(
                    new NoPathException("no candidate led to the peer: " + told()));
        } else {
            next();
        }
    }

    private synchronized String told() {
        return String.join("; ", failures);
    }

    /** The result stands; {@code kept} is null if there is none. */
    private void end(Path kept) {
        List<Path> losers;
        synchronized (this) {
            over = true;
            timer.close();
            proving.remove(kept);
            losers = new ArrayList<>(proving);
            proving.clear();
        }
        losers.forEach(Path::close);
    }

    private String millis() {
        return TimeUnit.NANOSECONDS.toMillis(attempt.scope().nanoTime() - began) + " ms";
    }

    private static String reason(Throwable e) {
        Throwable t = e;
        while (t instanceof CompletionException && t.getCause() != null) {
            t = t.getCause();
        }
        return t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
    }
}
