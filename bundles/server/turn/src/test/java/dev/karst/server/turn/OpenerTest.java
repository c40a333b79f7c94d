// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.karst.lib.stun.server.StunLimits;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class OpenerTest {
    private final List<String> told = new CopyOnWriteArrayList<>();

    private Opener opener(int port, long pauseMillis) {
        ServerConfig config =
                ServerConfig.of(List.of("127.0.0.1"), port, -1, true, 10, StunLimits.DEFAULT);
        return new Opener(
                config,
                pauseMillis,
                l -> {
                    told.add("up " + l.port());
                    return () -> told.add("down " + l.port());
                });
    }

    private static TurnListener squatter() {
        return TurnListener.open(List.of("127.0.0.1"), 0, -1);
    }

    @Test
    void comesUpWhenThePortIsFree() {
        TurnListener squatter = squatter();
        int port = squatter.port();
        try (Opener opener = opener(port, 20)) {
            assertEquals(List.of(), told);
            squatter.close();
            await().until(() -> told.equals(List.of("up " + port)));
        }
        assertEquals(List.of("up " + port, "down " + port), told);
    }

    @Test
    void endsWhileItWaits() {
        try (TurnListener squatter = squatter()) {
            opener(squatter.port(), 3_600_000).close();
            assertEquals(List.of(), told);
            assertFalse(
                    Thread.getAllStackTraces().keySet().stream()
                            .anyMatch(t -> t.getName().equals("karst-server-turn-retry")));
        }
    }
}
