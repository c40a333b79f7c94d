// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimWorldTest {
    @Test
    void timersFireInOrderAtTheirTimeAndOnlyOnce() {
        SimWorld w = new SimWorld(1);
        SimScope s = w.host("a").scope();
        List<String> seen = new ArrayList<>();
        s.after(Duration.ofSeconds(2), () -> seen.add("two at " + w.nanoTime() / 1_000_000_000));
        s.after(Duration.ofSeconds(1), () -> seen.add("one"));
        Subscription closed = s.after(Duration.ofSeconds(1), () -> seen.add("closed"));
        closed.close();
        w.run(Duration.ofSeconds(1));
        assertEquals(List.of(), seen, "a timer runs on the lane, after its time");
        w.run(Duration.ofSeconds(5));
        assertEquals(List.of("one", "two at 2"), seen);
    }

    @Test
    void cancelEndsTimersTasksAndSockets() {
        SimWorld w = new SimWorld(1);
        SimScope s = w.host("a").scope();
        List<String> seen = new ArrayList<>();
        s.onCancel(() -> seen.add("cancelled"));
        s.onCancel(() -> seen.add("never")).close();
        s.after(Duration.ofSeconds(1), () -> seen.add("timer"));
        s.executor().execute(() -> seen.add("task"));
        w.await(s.network().bindUdp(w.host("a").at(0)), Duration.ofSeconds(1));
        s.executor().execute(() -> seen.add("late task"));
        assertEquals(1, s.openSockets());
        s.cancel();
        s.cancel();
        w.run(Duration.ofSeconds(3));
        s.onCancel(() -> seen.add("at once"));
        assertEquals(
                List.of("cancelled", "at once"),
                seen.stream().filter(x -> !x.equals("task")).toList());
        assertEquals(0, s.openSockets());
        assertTrue(s.cancelled());
    }

    @Test
    void aScopeWithALimitIsCancelledThen() {
        SimWorld w = new SimWorld(1);
        SimScope s = w.host("a").scope(Duration.ofSeconds(5));
        assertEquals(w.instant().plusSeconds(5), s.deadline());
        w.run(Duration.ofSeconds(4));
        assertFalse(s.cancelled());
        w.run(Duration.ofSeconds(2));
        assertTrue(s.cancelled());
    }

    @Test
    void tasksOfOneLaneKeepTheirOrderThoseOfTwoMeetInEveryOrder() {
        List<String> orders = new ArrayList<>();
        for (int seed = 0; seed < 30; seed++) {
            SimWorld w = new SimWorld(seed);
            SimScope a = w.host("a").scope();
            SimScope b = w.host("a").scope();
            StringBuilder order = new StringBuilder();
            a.executor().execute(() -> order.append('1'));
            b.executor().execute(() -> order.append('x'));
            a.executor().execute(() -> order.append('2'));
            w.run(Duration.ofSeconds(1));
            orders.add(order.toString());
        }
        assertEquals(List.of("12x", "1x2", "x12"), orders.stream().distinct().sorted().toList());
    }

    @Test
    void clocksOfHostsMayBeWrong() {
        SimWorld w = new SimWorld(1);
        SimHost a = w.host("a");
        a.skew(Duration.ofHours(-3));
        assertEquals(
                Duration.ofHours(3),
                Duration.between(a.clock().instant(), w.host("b").clock().instant()));
    }

    @Test
    void anotherThreadIsTurnedAway() throws Exception {
        SimWorld w = new SimWorld(1);
        List<Throwable> seen = new ArrayList<>();
        Thread t = new Thread(() -> w.after(Duration.ZERO, () -> {}));
        t.setUncaughtExceptionHandler((x, e) -> seen.add(e));
        t.start();
        t.join();
        assertTrue(seen.get(0) instanceof IllegalStateException, seen.toString());
    }

    @Test
    void aFailingTaskEndsTheRunAndShowsSeedAndTrace() {
        SimWorld w = new SimWorld(4711);
        w.trace("test", "before");
        w.host("a").scope().executor().execute(() -> assertEquals(1, 2));
        AssertionError e = assertThrows(AssertionError.class, () -> w.run(Duration.ofSeconds(1)));
        assertTrue(e.getMessage().contains("seed 4711"), e.getMessage());
        assertTrue(e.getMessage().contains("before"), e.getMessage());
    }

    @Test
    void timeThatStandsStillIsFound() {
        SimWorld w = new SimWorld(1);
        Runnable[] again = new Runnable[1];
        again[0] = () -> w.after(Duration.ZERO, again[0]);
        again[0].run();
        assertThrows(AssertionError.class, () -> w.run(Duration.ofSeconds(1)));
    }

    @Test
    void aCrashLeavesNothingOfBefore() {
        SimWorld w = new SimWorld(1);
        SimHost a = w.host("a");
        SimScope s = a.scope();
        List<String> seen = new ArrayList<>();
        w.await(s.network().listenTcp(a.at(80), c -> {}), Duration.ofSeconds(1));
        s.after(Duration.ofSeconds(1), () -> seen.add("timer"));
        s.executor().execute(() -> seen.add("task"));
        a.crash();
        w.run(Duration.ofSeconds(3));
        assertEquals(List.of(), seen);
        SimScope next = a.scope();
        w.await(next.network().listenTcp(a.at(80), c -> {}), Duration.ofSeconds(1));
    }

    @Test
    void oneSeedIsOneStory() {
        assertEquals(story(7), story(7));
        assertNotEquals(story(7), story(8));
    }

    private static long story(long seed) {
        SimWorld w = new SimWorld(seed);
        w.defaultProfile(
                LinkProfile.of(Duration.ofMillis(20))
                        .withJitter(Duration.ofMillis(9))
                        .withLoss(0.05));
        Streams.Transfer t = new Streams.Transfer(w, 200_000);
        w.run(Duration.ofMillis(w.random("story").nextInt(10, 300)));
        w.cutTcp(f -> true, Cut.RESET);
        w.run(Duration.ofSeconds(20));
        w.trace("test", "got " + t.received.size());
        return w.digest();
    }
}
