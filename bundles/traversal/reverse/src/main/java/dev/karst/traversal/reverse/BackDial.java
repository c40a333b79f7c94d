// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.reverse;

import dev.karst.Endpoint;
import dev.karst.Subscription;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Dials the places of who asked, one after the other, {@value #APART_MILLIS} ms apart, at once
 * after a failure and {@value #PROVING_MILLIS} ms after one connected; the first that proves the
 * peer wins, the others are closed. Thread-safe.
 */
final class BackDial {
    private static final int MOST = 16;
    private static final int APART_MILLIS = 150;
    private static final int PROVING_MILLIS = 500;

    private final Attempt attempt;
    private final CompletableFuture<Path> result;
    private final List<Endpoint> places;
    private final List<Path> opened = new ArrayList<>(); // guarded by this, like the rest
    private final List<String> failures = new ArrayList<>();
    private Subscription timer = () -> {};
    private int next;
    private boolean over;

    BackDial(Attempt attempt, CompletableFuture<Path> result) {
        this.attempt = attempt;
        this.result = result;
        places = dialled(attempt.remoteCandidates());
    }

    /** Places of datagrams are for others. */
    private static List<Endpoint> dialled(List<Endpoint> all) {
        return all.stream().filter(e -> !e.scheme().equals("udp")).distinct().limit(MOST).toList();
    }

    /** Why there is nothing to do. */
    static Optional<String> hopeless(Attempt attempt) {
        if (attempt.initiator() && dialled(attempt.localCandidates()).isEmpty()) {
            return Optional.of("this node listens nowhere that the peer could dial");
        }
        return !attempt.initiator() && dialled(attempt.remoteCandidates()).isEmpty()
                ? Optional.of("the peer named no place to connect back to")
                : Optional.empty();
    }

    static List<Endpoint> places(Attempt attempt) {
        return dialled(attempt.localCandidates());
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
        go();
    }

    private void go() {
        Endpoint to;
        synchronized (this) {
            timer.close();
            if (over || next == places.size()) {
                return;
            }
            to = places.get(next++);
            nextAfter(APART_MILLIS);
        }
        CompletionStage<Path> dial;
        try {
            dial = attempt.dial(to);
        } catch (RuntimeException e) {
            dial = CompletableFuture.failedStage(e);
        }
        dial.whenComplete(
                (path, e) -> {
                    if (e != null) {
                        failed(to, reason(e));
                    } else if (keep(path)) {
                        attempt.evidence(to + " connected");
                        attempt.prove(path).whenComplete((p, why) -> proven(to, path, why));
                    }
                });
    }

    /** Guarded by this. */
    private void nextAfter(int millis) {
        timer.close();
        if (next < places.size()) {
            timer = attempt.scope().after(Duration.ofMillis(millis), this::go);
        }
    }

    /** False, and closed, if it comes too late. */
    private boolean keep(Path path) {
        synchronized (this) {
            if (!over) {
                opened.add(path);
                nextAfter(PROVING_MILLIS);
                return true;
            }
        }
        path.close();
        return false;
    }

    private void proven(Endpoint to, Path path, Throwable why) {
        if (why != null) {
            synchronized (this) {
                opened.remove(path); // the core has closed it
            }
            failed(to, "not proven: " + reason(why));
            return;
        }
        attempt.evidence(to + " proved the peer");
        if (!result.complete(path)) {
            path.close();
        }
    }

    private void failed(Endpoint to, String why) {
        boolean all;
        String told;
        synchronized (this) {
            if (over) {
                return;
            }
            failures.add(to + " " + why);
            all = failures.size() == places.size();
            told = String.join("; ", failures);
        }
        attempt.evidence(to + " " + why);
        if (all) {
            result.completeExceptionally(new NoPathException("could not connect back: " + told));
        } else {
            go();
        }
    }

    private void end(Path kept) {
        List<Path> losers;
        synchronized (this) {
            over = true;
            timer.close();
            opened.remove(kept);
            losers = List.copyOf(opened);
            opened.clear();
        }
        losers.forEach(Path::close);
    }

    private static String reason(Throwable e) {
        Throwable t = e;
        while (t instanceof CompletionException && t.getCause() != null) {
            t = t.getCause();
        }
        return t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
    }
}
