// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.lib.mqtt.broker.BrokerLimits;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class OpenerTest {
    private final List<String> told = new CopyOnWriteArrayList<>();

    private static ServerConfig config(int port, String keystore) {
        return ServerConfig.of(
                "127.0.0.1:" + port, "", "", keystore, "", BrokerLimits.defaults(), false);
    }

    private Opener opener(int port, long pauseMillis) {
        return new Opener(
                config(port, ""),
                pauseMillis,
                l -> {
                    told.add("up " + l.url());
                    return () -> told.add("down " + l.url());
                });
    }

    private static int port(BrokerListener l) {
        return Integer.parseInt(l.url().substring(l.url().lastIndexOf(':') + 1));
    }

    @Test
    void takesOverFromTheOneThatLeaves() {
        BrokerListener old = BrokerListener.open(config(0, ""));
        try (Opener opener = opener(port(old), 20)) {
            assertEquals(List.of(), told);
            old.close();
            await().until(() -> told.equals(List.of("up " + old.url())));
        }
        assertEquals(List.of("up " + old.url(), "down " + old.url()), told);
    }

    @Test
    void endsWhileItWaits() {
        try (BrokerListener old = BrokerListener.open(config(0, ""))) {
            opener(port(old), 3_600_000).close();
            assertEquals(List.of(), told);
            assertFalse(
                    Thread.getAllStackTraces().keySet().stream()
                            .anyMatch(t -> t.getName().equals("karst-server-mqtt-retry")));
        }
    }

    @Test
    void wrongSettingsAreToldAtOnce() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new Opener(config(0, "/nonexistent"), 20, l -> () -> {}).close());
    }
}
