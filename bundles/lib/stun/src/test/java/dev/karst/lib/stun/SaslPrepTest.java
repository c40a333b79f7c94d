// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SaslPrepTest {
    /** RFC 4013 section 3, and more. */
    @Test
    void examples() {
        assertEquals(Optional.of("IX"), SaslPrep.prepare("I\u00adX"));
        assertEquals(Optional.of("user"), SaslPrep.prepare("user"));
        assertEquals(Optional.of("USER"), SaslPrep.prepare("USER"));
        assertEquals(Optional.of("a"), SaslPrep.prepare("\u00aa"));
        assertEquals(Optional.of("IX"), SaslPrep.prepare("\u2168"));
        assertEquals(Optional.empty(), SaslPrep.prepare("\u0007"));
        assertEquals(Optional.empty(), SaslPrep.prepare("\u0627\u0031"));
        assertEquals(Optional.of("\u0627\u0031\u0628"), SaslPrep.prepare("\u0627\u0031\u0628"));
        assertEquals(Optional.empty(), SaslPrep.prepare("\u0627a\u0628"));
        assertEquals(Optional.of("a b"), SaslPrep.prepare("a\u00a0b"));
        assertEquals(Optional.empty(), SaslPrep.prepare("\ud800"));
        assertEquals(Optional.of(""), SaslPrep.prepare(""));
        assertEquals(Optional.of("TheMatrIX"), SaslPrep.prepare(Vectors.LONG_TERM_PASSWORD));
    }

    @Test
    void keys() {
        assertArrayEquals(StunKeys.shortTerm("IX"), StunKeys.shortTerm("\u2168"));
        assertThrows(IllegalArgumentException.class, () -> StunKeys.shortTerm("\u0007"));
        assertThrows(
                IllegalArgumentException.class,
                () -> StunKeys.longTerm("u", "r", "p", new PasswordAlgorithm(3, "")));
    }

    @Test
    void nonceCookie() {
        String nonce = NonceCookie.nonce(NonceCookie.PASSWORD_ALGORITHMS, "rest");
        assertEquals("obMatJos2gAAArest", nonce);
        assertEquals(OptionalInt.of(1 << 23), NonceCookie.features(nonce));
        assertEquals(OptionalInt.empty(), NonceCookie.features("f//499k954d6OL34oL9FSTvy64sA"));
        assertEquals(OptionalInt.empty(), NonceCookie.features("obMatJos2"));
        assertEquals(OptionalInt.empty(), NonceCookie.features("obMatJos2=*!?"));
    }
}
