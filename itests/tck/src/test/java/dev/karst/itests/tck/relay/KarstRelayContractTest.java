// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import static org.awaitility.Awaitility.await;

import dev.karst.relay.turn.TurnRelay;
import dev.karst.server.turn.TurnListener;
import dev.karst.spi.relay.RelayProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Our client at our server, over UDP. */
class KarstRelayContractTest extends RelayProviderContract {
    static TurnListener server;

    @BeforeAll
    static void startServer() {
        server =
                TurnListener.open(
                        List.of("127.0.0.1"),
                        0,
                        -1,
                        Map.of("users", "u:p", "allowPeers", "127.0.0.0/8", "refusals", "1000"));
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    String transport() {
        return "udp";
    }

    private RelayProvider at(int port, String password) {
        String url = "turn:127.0.0.1:" + port + "?transport=" + transport();
        return TurnRelay.provider(List.of(url), "u", password, "", "");
    }

    @Override
    protected RelayProvider provider() {
        return at(server.port(), "p");
    }

    @Override
    protected RelayProvider impostor() {
        return at(server.port(), "q");
    }

    @Override
    protected RelayProvider lost() {
        return at(9, "p");
    }

    @Override
    protected void awaitNoReservations() {
        await().atMost(Duration.ofSeconds(5))
                .until(() -> server.counters().get("turn.allocations") == 0);
    }
}
