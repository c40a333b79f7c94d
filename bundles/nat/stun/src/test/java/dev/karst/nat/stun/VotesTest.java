// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VotesTest {
    private static final InetSocketAddress X = new InetSocketAddress("203.0.113.1", 1);
    private static final InetSocketAddress Y = new InetSocketAddress("203.0.113.1", 2);

    private final Votes votes = new Votes();

    private static Server server(String ip, int port) {
        return new Server(new ServerName(ip, port), new InetSocketAddress(ip, port));
    }

    @Test
    void twoOfThreeSettleIt() {
        Server liar = server("192.0.2.3", 3478);
        votes.put(server("192.0.2.1", 3478), X);
        votes.put(liar, Y);
        assertEquals(Optional.empty(), votes.agreed());
        votes.put(server("192.0.2.2", 3478), X);
        assertEquals(Optional.of(X), votes.agreed());
        assertTrue(votes.contradicted(liar));
        assertEquals(List.of(liar), votes.outvoted());
    }

    @Test
    void oneMachineHasOneVote() {
        votes.put(server("192.0.2.1", 3478), X);
        votes.put(server("192.0.2.1", 3479), X);
        assertEquals(Optional.empty(), votes.agreed());
        assertEquals(1, votes.voters());
    }

    @Test
    void aTieSettlesNothing() {
        for (int i = 1; i <= 4; i++) {
            votes.put(server("192.0.2." + i, 3478), i % 2 == 0 ? X : Y);
        }
        assertEquals(Optional.empty(), votes.agreed());
        assertFalse(votes.contradicted(votes.servers().get(0)));
    }

    @Test
    void aServerSendsUsToNobodyWhoCannotBeIts() {
        InetSocketAddress s = new InetSocketAddress("198.51.100.1", 3478);
        assertTrue(Addresses.mayBeOtherOf(s, new InetSocketAddress("198.51.100.2", 3479)));
        for (String other :
                List.of(
                        "127.0.0.1",
                        "10.0.0.1",
                        "192.168.1.1",
                        "169.254.1.1",
                        "224.0.0.1",
                        "255.255.255.255",
                        "0.0.0.0",
                        "100.64.0.1",
                        "::1",
                        "198.51.100.1")) {
            assertFalse(Addresses.mayBeOtherOf(s, new InetSocketAddress(other, 3479)), other);
        }
    }
}
