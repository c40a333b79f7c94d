// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.directory;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.directory.mqtt.MqttDirectory;
import dev.karst.lib.mqtt.testing.Mosquitto;
import dev.karst.spi.directory.PeerDirectory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class MqttDirectoryContractTest extends PeerDirectoryContract {
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
    protected PeerDirectory newDirectory() {
        return MqttDirectory.directory(broker.url(), "", "", "");
    }

    @Override
    protected boolean writable() {
        return true;
    }
}
