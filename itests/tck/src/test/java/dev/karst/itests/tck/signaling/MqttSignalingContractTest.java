// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.signaling;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.lib.mqtt.testing.Mosquitto;
import dev.karst.signaling.mqtt.MqttSignaling;
import dev.karst.spi.signaling.SignalingBackend;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class MqttSignalingContractTest extends SignalingBackendContract {
    private static Mosquitto broker;

    @BeforeAll
    static void startBroker() throws Exception {
        String missing = Mosquitto.missing();
        assumeTrue(missing.isEmpty(), missing);
        broker = Mosquitto.open();
    }

    @AfterAll
    static void stopBroker() throws Exception {
        if (broker != null) {
            broker.close();
        }
    }

    @Override
    protected SignalingBackend newBackend() {
        return MqttSignaling.backend(broker.url(), "", "", "", false);
    }
}
