// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.core.world.CoreScope;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.relay.turn.TurnRelay;
import dev.karst.server.turn.TurnListener;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.relay.RelaySocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The provider of the TURN client with several relays, and with one that dies. */
@Timeout(30)
class SeveralRelaysTest {
    private final LocalWorld world = LocalWorld.netty();
    private final CoreScope scope = world.scope();

    @AfterEach
    void close() {
        scope.cancel();
        world.close();
    }

    private static TurnListener server() {
        return TurnListener.open(List.of("127.0.0.1"), 0, -1, Map.of("users", "u:p"));
    }

    private static RelayProvider at(String... urls) {
        return TurnRelay.provider(List.of(urls), "u", "p", "", "");
    }

    private static String url(TurnListener l, String transport) {
        return "turn:127.0.0.1:" + l.port() + "?transport=" + transport;
    }

    private static void awaitAllocations(TurnListener l, long n) {
        await().atMost(Duration.ofSeconds(5))
                .until(() -> l.counters().get("turn.allocations") == n);
    }

    @Test
    void theFirstWinsAndTheOthersAreGivenBack() {
        try (TurnListener a = server();
                TurnListener b = server()) {
            RelaySocket s =
                    get(at(url(a, "udp"), url(b, "udp")).reserve(RelayProvider.Family.IPV4, scope));
            TurnListener winner = s.server().getPort() == a.port() ? a : b;
            TurnListener other = winner == a ? b : a;
            await().until(() -> other.counters().containsKey("turn.refused.401"));
            awaitAllocations(other, 0);
            awaitAllocations(winner, 1);
            s.close();
            awaitAllocations(winner, 0);
        }
    }

    @Test
    void tcpWhereUdpIsSilent() {
        try (TurnListener a = server()) {
            long began = System.nanoTime();
            RelaySocket s =
                    get(
                            at("turn:127.0.0.1:9?transport=udp", url(a, "tcp"))
                                    .reserve(RelayProvider.Family.IPV4, scope));
            assertEquals(a.port(), s.server().getPort());
            assertTrue(System.nanoTime() - began >= 100_000_000L, "UDP has its chance first");
            assertEquals(1, a.counters().get("tcp.accepted"));
        }
    }

    @Test
    void noTcpWhereUdpAnswers() {
        try (TurnListener a = server()) {
            get(at("turn:127.0.0.1:" + a.port()).reserve(RelayProvider.Family.IPV4, scope));
            assertTrue(!a.counters().containsKey("tcp.accepted"));
        }
    }

    @Test
    void theEndOfARelayIsTold() {
        TurnListener a = server();
        Postbox box = new Postbox();
        try (a) {
            get(at(url(a, "tcp")).reserve(RelayProvider.Family.IPV4, scope)).start(box);
        }
        await().atMost(Duration.ofSeconds(5)).until(() -> box.ends() == 1);
    }

    @Test
    void theFailureNamesAllRelays() {
        try (TurnListener a =
                TurnListener.open(List.of("127.0.0.1"), 0, -1, Map.of("users", "u:other"))) {
            var e =
                    assertThrows(
                            ExecutionException.class,
                            () ->
                                    at("turn:127.0.0.1:9?transport=tcp", url(a, "tcp"))
                                            .reserve(RelayProvider.Family.IPV4, scope)
                                            .toCompletableFuture()
                                            .get(20, TimeUnit.SECONDS));
            KarstException k = (KarstException) e.getCause();
            assertEquals(KarstException.Code.NOT_PERMITTED, k.code());
            assertTrue(k.getMessage().contains("127.0.0.1:9"), k.getMessage());
            assertTrue(k.getMessage().contains("refuses the credentials"), k.getMessage());
        }
    }

    @Test
    void aFamilyThatTheRelayHasNot() {
        try (TurnListener a = server()) {
            var e =
                    assertThrows(
                            ExecutionException.class,
                            () ->
                                    at(url(a, "udp"))
                                            .reserve(RelayProvider.Family.IPV6, scope)
                                            .toCompletableFuture()
                                            .get(20, TimeUnit.SECONDS));
            assertTrue(e.getCause().getMessage().contains("440"), e.getCause().getMessage());
        }
    }

    @Test
    void wrongSettingsAreNamed() {
        for (String url : List.of("", "stun:a:1", "turn:", "turn:a:0", "turn:a:1?transport=x")) {
            assertThrows(IllegalArgumentException.class, () -> at(url), url);
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> TurnRelay.provider(List.of("turn:a"), "u", "", "", ""));
        assertThrows(
                IllegalArgumentException.class,
                () -> TurnRelay.provider(List.of("turn:a"), "u", "p", "s", ""));
    }
}
