// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.lib.opener.Opener;
import dev.karst.lib.stun.server.StunLimits;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A newer server beside the old one, on real sockets. */
class TakeOverTest {
    @Test
    void comesUpWhenThePortIsFree() {
        TurnListener old = TurnListener.open(List.of("127.0.0.1"), 0, -1);
        int port = old.port();
        ServerConfig config =
                ServerConfig.of(List.of("127.0.0.1"), port, -1, true, 10, StunLimits.DEFAULT);
        List<Integer> up = new CopyOnWriteArrayList<>();
        try (Opener next =
                new Opener(
                        "turn-takeover",
                        20,
                        () -> TurnListener.open(config),
                        l -> {
                            up.add(l.port());
                            return () -> up.remove((Integer) l.port());
                        })) {
            assertEquals(List.of(), up);
            old.close();
            await().until(() -> up.equals(List.of(port)));
        }
        assertEquals(List.of(), up);
        TurnListener.open(config).close(); // the port is free again
    }
}
