// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.natpmp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.portmap.testing.Rig;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The figures of RFC 6886 section 3, byte by byte. */
class CodecTest {
    private static Optional<Answer> decode(String hex) {
        return Answer.decode(ByteBuffer.wrap(bytes(hex)));
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void asks() {
        assertEquals("0000", hex(Request.address().bytes()));
        assertEquals(
                "00010000" + "1770" + "9c40" + "00000e10",
                hex(Request.mapping(Protocol.UDP, 6000, 40000, 3600).bytes()));
        assertEquals(
                "00020000" + "ffff" + "0000" + "00000000",
                hex(Request.mapping(Protocol.TCP, 65535, 0, 0).bytes()));
        assertThrows(IllegalArgumentException.class, () -> Request.mapping(Protocol.TCP, 0, 0, 0));
    }

    @Test
    void readsTheAddress() {
        Answer a = decode("0080 0000 00000102 cb007107").orElseThrow();
        assertEquals(0x102, a.epoch());
        assertEquals(Optional.of(Rig.address("203.0.113.7")), a.address());
        assertTrue(a.answers(Request.address()));
        assertFalse(a.answers(Request.mapping(Protocol.UDP, 1, 1, 1)));
        assertEquals(
                Optional.empty(), decode("0080 0000 00000102 00000000").orElseThrow().address());
        assertEquals(Optional.empty(), decode("0080 0000 00000102 cb0071"), "truncated");
    }

    @Test
    void readsMappings() {
        Answer a = decode("0081 0000 ffffffff 1770 9c41 80000000").orElseThrow();
        assertEquals(0xffffffffL, a.epoch());
        assertEquals(6000, a.internalPort());
        assertEquals(40001, a.externalPort());
        assertEquals(0x80000000L, a.lifetime());
        assertTrue(a.answers(Request.mapping(Protocol.UDP, 6000, 1, 1)));
        assertFalse(a.answers(Request.mapping(Protocol.UDP, 6001, 1, 1)));
        assertFalse(a.answers(Request.mapping(Protocol.TCP, 6000, 1, 1)));
        assertEquals(Optional.empty(), decode("0082 0000 00000000 1770 9c41 000000"));
        assertEquals(Optional.empty(), decode("0002 0000 00000000 1770 9c41 00000000"), "request");
        assertEquals(Optional.empty(), decode("0083 0000 00000000 1770 9c41 00000000"), "unknown");
    }

    @Test
    void readsRefusals() {
        Answer whole = decode("0082 0004 00000009 1770 0000 00000000").orElseThrow();
        assertEquals(4, whole.result());
        assertTrue(whole.answers(Request.mapping(Protocol.TCP, 6000, 1, 1)));
        assertFalse(whole.answers(Request.mapping(Protocol.TCP, 6001, 1, 1)));
        Answer cut = decode("0082 0005 00000009").orElseThrow();
        assertEquals(9, cut.epoch());
        assertTrue(cut.answers(Request.mapping(Protocol.TCP, 6000, 1, 1)));
        Answer pcp = decode("0281 0001 00000000 00000009").orElseThrow();
        assertEquals(2, pcp.version());
        assertTrue(pcp.answers(Request.mapping(Protocol.TCP, 6000, 1, 1)));
        assertEquals(Optional.empty(), decode("0281 0000 00000000 00000009"));
    }
}
