// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import dev.karst.relay.turn.TurnRelay;
import dev.karst.server.turn.TurnListener;
import dev.karst.spi.relay.RelayProvider;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Our client at our server, over TLS, with a time-limited credential of a shared secret. */
class KarstRelayOverTlsTest extends RelayProviderContract {
    @TempDir static Path dir;
    private static TestKey key;
    private static TurnListener server;

    @BeforeAll
    static void start() throws Exception {
        key = TestKey.make(dir);
        server =
                TurnListener.open(
                        List.of("127.0.0.1"),
                        0,
                        -1,
                        Map.of(
                                "secret",
                                "north",
                                "allowPeers",
                                "127.0.0.0/8",
                                "tlsPort",
                                "0",
                                "keystore",
                                key.store().toString(),
                                "keystorePassword",
                                TestKey.PASSWORD));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static RelayProvider at(int port, String secret) {
        return TurnRelay.provider(List.of("turns:127.0.0.1:" + port), "me", "", secret, key.pin());
    }

    @Override
    protected RelayProvider provider() {
        return at(server.tlsPort(), "north");
    }

    @Override
    protected RelayProvider impostor() {
        return at(server.tlsPort(), "south");
    }

    @Override
    protected RelayProvider lost() {
        return at(9, "north");
    }
}
