// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.mqtt;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.lib.mqtt.broker.BrokerLimits;
import dev.karst.lib.opener.Opener;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A newer broker beside the old one, on real sockets. */
class TakeOverTest {
    private static ServerConfig config(int port, String keystore) {
        return ServerConfig.of(
                "127.0.0.1:" + port, "", "", keystore, "", BrokerLimits.defaults(), false);
    }

    @Test
    void comesUpWhenThePortIsFree() {
        BrokerListener old = BrokerListener.open(config(0, ""));
        String url = old.url();
        ServerConfig config = config(Integer.parseInt(url.substring(url.lastIndexOf(':') + 1)), "");
        List<String> up = new CopyOnWriteArrayList<>();
        try (Opener next =
                new Opener(
                        "mqtt-takeover",
                        20,
                        () -> BrokerListener.open(config),
                        l -> {
                            up.add(l.url());
                            return () -> up.remove(l.url());
                        })) {
            assertEquals(List.of(), up);
            old.close();
            await().until(() -> up.equals(List.of(url)));
        }
        assertEquals(List.of(), up);
        BrokerListener.open(config).close(); // the port is free again
    }

    @Test
    void settingsOfNoUseAreNotATakenPort() {
        assertThrows(
                IllegalArgumentException.class,
                () -> BrokerListener.open(config(0, "/nonexistent")));
    }
}
