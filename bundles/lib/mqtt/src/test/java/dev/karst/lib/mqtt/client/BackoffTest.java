// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void aBrokerThatIsRestartedIsFoundSoon() {
        for (long seed = 0; seed < 200; seed++) {
            Backoff b = new Backoff();
            Random random = new Random(seed);
            for (long at = 0; at < 40_000; ) {
                long pause = b.next(random).toMillis();
                long most = at < 10_000 ? 1250 : 2500;
                assertTrue(pause >= 250 && pause <= most, "seed " + seed + ": " + pause);
                at += pause;
            }
        }
    }

    @Test
    void clientsOfOneBrokerDoNotComeBackTogether() {
        int[] slots = new int[10]; // of 50 ms, from 250 ms on
        Random random = new Random(5);
        for (int client = 0; client < 1000; client++) {
            slots[(int) (new Backoff().next(random).toMillis() - 250) / 50]++;
        }
        for (int clients : slots) {
            assertTrue(clients < 200, java.util.Arrays.toString(slots));
        }
    }

    @Test
    void aBrokerThatIsAwayForLongIsSeldomAsked() {
        Backoff b = new Backoff();
        Random random = new Random(1);
        for (int i = 0; i < 45; i++) {
            b.next(random);
        }
        double sum = 0;
        for (int i = 0; i < 1000; i++) {
            sum += b.next(random).toMillis();
        }
        assertTrue(sum / 1000 > 28_000 && sum / 1000 < 32_000, "mean " + sum / 1000);
        b.reset();
        assertTrue(b.next(random).toMillis() <= 750);
    }
}
