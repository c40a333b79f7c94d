// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.signaling;

import static org.awaitility.Awaitility.await;

import dev.karst.Endpoint;
import dev.karst.spi.signaling.SignalSink;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Keeps what a backend told. */
final class Inbox implements SignalSink {
    private final Queue<byte[]> signals = new ConcurrentLinkedQueue<>();
    private volatile List<Endpoint> endpoints = List.of();

    @Override
    public void signal(byte[] sealed) {
        signals.add(sealed.clone());
    }

    @Override
    public void reachableAt(List<Endpoint> now) {
        endpoints = List.copyOf(now);
    }

    /** Where it can be signaled, as soon as it can. */
    List<Endpoint> reachable() {
        await("told where it is reachable")
                .atMost(10, TimeUnit.SECONDS)
                .until(() -> !endpoints.isEmpty());
        return endpoints;
    }

    /** Waits for that signal; others, and repetitions, may come before it. */
    void awaits(byte[] signal) {
        await("a signal of " + signal.length + " bytes")
                .atMost(10, TimeUnit.SECONDS)
                .until(() -> has(signal));
    }

    boolean has(byte[] signal) {
        return signals.stream().anyMatch(s -> Arrays.equals(s, signal));
    }

    boolean isEmpty() {
        return signals.isEmpty();
    }
}
