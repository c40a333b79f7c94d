// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.KarstException;
import dev.karst.PeerId;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {
    @ParameterizedTest
    @CsvSource({
        "8080, tcp://127.0.0.1:8080",
        ":8080, tcp://127.0.0.1:8080",
        "tcp://:8080, tcp://127.0.0.1:8080",
        "udp://:53, udp://127.0.0.1:53",
        "192.0.2.1:80, tcp://192.0.2.1:80",
        "tcp://nas.home:22, tcp://nas.home:22",
        "tcp://[::1]:22, tcp://[::1]:22",
    })
    void addressesHaveShortForms(String text, String expected) {
        assertEquals(expected, Texts.address("target", text, false).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp://",
                "http://a:1",
                "a",
                "tcp://a:65536",
                "tcp://a:0",
                "tcp://a_b:1",
                "tcp://a:1/x",
                "tcp://::1:22",
                "tcp://a:-1"
            })
    void othersAreRefusedWithAnExample(String text) {
        KarstException e =
                assertThrows(KarstException.class, () -> Texts.address("target", text, false));
        assertTrue(e.getMessage().contains("tcp://127.0.0.1:8080"), e.getMessage());
    }

    @Test
    void noTextBreaksTheParser() {
        long seed = 42;
        Random random = new Random(seed);
        String alphabet = "tcpud://:[]0123456789.-a_ \u00e9\u0000";
        for (int i = 0; i < 20_000; i++) {
            StringBuilder s = new StringBuilder(random.nextBoolean() ? "tcp://" : "");
            for (int n = random.nextInt(24); n > 0; n--) {
                s.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                Texts.address("listen", s.toString(), true);
            } catch (KarstException e) {
                assertEquals(KarstException.Code.CONFIGURATION, e.code(), "seed " + seed);
            }
        }
    }

    @Test
    void peersAreListedOrAnyOrWrong() {
        PeerId a = PeerId.of(new byte[32]);
        assertEquals(
                Optional.of(Set.of(a)),
                ConfiguredExposure.peers("x", new String[] {" " + a + ","}));
        assertEquals(Optional.empty(), ConfiguredExposure.peers("x", new String[] {"any"}));
        assertEquals(Optional.of(Set.of()), ConfiguredExposure.peers("x", new String[] {}));
        for (String wrong : new String[] {"any " + a, "anybody"}) {
            KarstException e =
                    assertThrows(
                            KarstException.class,
                            () -> ConfiguredExposure.peers("x", new String[] {wrong}));
            assertTrue(e.getMessage().startsWith("service x"), e.getMessage());
        }
    }
}
