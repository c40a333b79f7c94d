// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.karst.lib.stun.server.StunLimits;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerConfigTest {
    private static ServerConfig of(int port, int alternate, String... addresses) {
        return ServerConfig.of(List.of(addresses), port, alternate, true, 10, StunLimits.DEFAULT);
    }

    @Test
    void readsLists() {
        ServerConfig c = of(3478, 3479, "127.0.0.1, 127.0.0.2/192.0.2.2", " ::1 ", "");
        assertEquals("[127.0.0.1, 127.0.0.2/192.0.2.2]", c.family(true).toString());
        assertEquals(1, c.family(false).size());
        assertEquals(
                "[::/192.0.2.1]",
                of(0, 0, "::/192.0.2.1").addresses().toString().replace("0:0:0:0:0:0:0:0", "::"));
    }

    @Test
    void namesWhatIsWrong() {
        for (String bad :
                List.of(
                        "",
                        "127.0.0.1,127.0.0.2,127.0.0.3",
                        "127.0.0.1,127.0.0.1",
                        "0.0.0.0,127.0.0.1",
                        "127.0.0.1/::1",
                        "127.0.0.1/1/2",
                        "2001:db8::zz",
                        "localhost",
                        "127.0.0.1/relay.example",
                        "127.1")) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> of(1, 2, bad), bad);
            assertEquals("addresses:", e.getMessage().substring(0, 10));
        }
        assertThrows(IllegalArgumentException.class, () -> of(-1, 0, "127.0.0.1"));
        assertThrows(IllegalArgumentException.class, () -> of(70_000, 0, "127.0.0.1"));
        assertThrows(IllegalArgumentException.class, () -> of(5, 5, "127.0.0.1"));
        assertThrows(IllegalArgumentException.class, () -> of(5, -2, "127.0.0.1"));
    }
}
