// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.relay.turn.TurnRelay;
import dev.karst.spi.relay.RelayProvider;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Our client at coturn, over UDP. */
class CoturnContractTest extends RelayProviderContract {
    @TempDir static Path dir;
    static TestKey key;
    static Coturn coturn;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Coturn.missing().isEmpty(), Coturn.missing());
        key = TestKey.make(dir);
        coturn = new Coturn(dir, key);
    }

    @AfterAll
    static void stop() throws Exception {
        if (coturn != null) {
            coturn.close();
        }
    }

    String url(boolean there) {
        return "turn:127.0.0.1:" + (there ? coturn.port : 9) + "?transport=udp";
    }

    private RelayProvider at(String url, String password) {
        return TurnRelay.provider(List.of(url), "u", password, "", key.pin());
    }

    @Override
    protected RelayProvider provider() {
        return at(url(true), "p");
    }

    @Override
    protected RelayProvider impostor() {
        return at(url(true), "q");
    }

    @Override
    protected RelayProvider lost() {
        return at(url(false), "p");
    }
}
