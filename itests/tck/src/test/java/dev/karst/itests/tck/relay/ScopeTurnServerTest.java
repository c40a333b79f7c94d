// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;

import dev.karst.relay.turn.TurnRelay;
import dev.karst.spi.relay.RelayProvider;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;

/** Our client at our server's state machine over the network of a scope, as in simulations. */
class ScopeTurnServerTest extends RelayProviderContract {
    private int port;
    private ScopeTurnServer server;

    @BeforeEach
    void start() throws Exception {
        try (DatagramSocket s = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            port = s.getLocalPort();
        }
        server =
                get(
                        ScopeTurnServer.open(
                                world.scope(),
                                new InetSocketAddress("127.0.0.1", port),
                                Map.of("u", "p"),
                                List.of("127.0.0.0/8")));
    }

    private RelayProvider at(int port, String password) {
        String url = "turn:127.0.0.1:" + port + "?transport=udp";
        return TurnRelay.provider(List.of(url), "u", password, "", "");
    }

    @Override
    protected RelayProvider provider() {
        return at(port, "p");
    }

    @Override
    protected RelayProvider impostor() {
        return at(port, "q");
    }

    @Override
    protected RelayProvider lost() {
        return at(9, "p");
    }

    @Override
    protected void awaitNoReservations() {
        await().atMost(Duration.ofSeconds(5)).until(() -> server.allocations() == 0);
    }
}
