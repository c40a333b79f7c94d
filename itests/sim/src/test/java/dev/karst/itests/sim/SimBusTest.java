// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.spi.signaling.SignalSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class SimBusTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final PeerId SELF = PeerId.of(new byte[32]);

    private static final class Sink implements SignalSink {
        final List<Integer> signals = new ArrayList<>();
        List<Endpoint> reachable = List.of();

        @Override
        public void signal(byte[] sealed) {
            signals.add((int) sealed[0]);
        }

        @Override
        public void reachableAt(List<Endpoint> endpoints) {
            reachable = endpoints;
        }
    }

    private final SimWorld world = new SimWorld(5);
    private final SimBus bus = new SimBus(world);
    private final SimHost a = world.host("a");
    private final SimHost b = world.host("b");
    private final SimScope scopeA = a.scope();
    private final SimScope scopeB = b.scope();
    private final Sink sink = new Sink();
    private final SimSignaling signaling = new SimSignaling(bus, a);

    private void send(int what) {
        world.await(signaling.send(SELF, SimBus.ENDPOINT, new byte[] {(byte) what}, scopeA), LIMIT);
    }

    @Test
    void signalsArriveUntilTheReceiverLeaves() {
        Subscription s = new SimSignaling(bus, b).receive(SELF, sink, scopeB);
        world.run(LIMIT);
        assertEquals(List.of(SimBus.ENDPOINT), sink.reachable);
        send(1);
        world.run(LIMIT);
        assertEquals(List.of(1), sink.signals);
        s.close();
        send(2);
        world.run(LIMIT);
        assertEquals(List.of(1), sink.signals);
    }

    @Test
    void aBadServiceLosesRepeatsAndReorders() {
        new SimSignaling(bus, b).receive(SELF, sink, scopeB);
        bus.profile(BusProfile.bad());
        for (int i = 0; i < 100; i++) {
            signaling.send(SELF, SimBus.ENDPOINT, new byte[] {(byte) i}, scopeA);
        }
        world.run(LIMIT);
        List<Integer> distinct = sink.signals.stream().distinct().toList();
        assertTrue(distinct.size() > 80 && distinct.size() < 100, "" + distinct.size());
        assertTrue(sink.signals.size() > distinct.size());
        assertNotEquals(distinct.stream().sorted().toList(), distinct);
    }

    @Test
    void offlineIsToldAndFails() {
        new SimSignaling(bus, b).receive(SELF, sink, scopeB);
        world.run(LIMIT);
        bus.online(b, false);
        send(1);
        world.run(LIMIT);
        assertEquals(List.of(), sink.reachable);
        assertEquals(List.of(), sink.signals);
        bus.online(a, false);
        assertThrows(CompletionException.class, () -> send(2));
        bus.online(b, true);
        world.run(LIMIT);
        assertEquals(List.of(SimBus.ENDPOINT), sink.reachable);
    }

    @Test
    void aCancelledScopeCompletesWhatItAsked() {
        var f = signaling.send(SELF, SimBus.ENDPOINT, new byte[1], scopeA).toCompletableFuture();
        scopeA.cancel();
        assertTrue(f.isCompletedExceptionally());
    }

    @Test
    void recordsAreFoundAndOwnersLearnOfTampering() {
        SimDirectory mine = new SimDirectory(bus, a);
        SimDirectory theirs = new SimDirectory(bus, b);
        List<Optional<byte[]>> foreign = new ArrayList<>();
        assertTrue(world.await(theirs.lookup(SELF, scopeB), LIMIT).isEmpty());
        world.await(mine.publish(SELF, new byte[] {7}, foreign::add, scopeA), LIMIT);
        byte[] found = world.await(theirs.lookup(SELF, scopeB), LIMIT).get(0).record().get();
        assertArrayEquals(new byte[] {7}, found);
        bus.tamper(SELF, Optional.empty());
        world.run(LIMIT);
        assertEquals(List.of(Optional.empty()), foreign);
        scopeA.cancel();
        bus.tamper(SELF, Optional.of(new byte[] {9}));
        world.run(LIMIT);
        assertEquals(1, foreign.size());
    }
}
