// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.udppunch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CredentialsTest {
    /** The example of docs/wire.md. */
    @Test
    void areThoseOfTheWireFormat() {
        String id = "00112233445566778899aabbccddeeff";
        var initiator = Credentials.of(id, true);
        var responder = Credentials.of(id, false);
        assertEquals("db21ae61", initiator.ufrag());
        assertEquals("d89953ef", responder.ufrag());
        assertEquals("c0d465694c33feefaf56847c8cc1983a", initiator.password());
        assertEquals("0771383b1cb380acda9cd776e97f02e8", responder.password());
    }
}
