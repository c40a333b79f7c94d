// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.pcp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.portmap.testing.Rig;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The figures of RFC 6887 sections 7, 11.1, 12.1 and 13, byte by byte. */
class MessageTest {
    private static final String NONCE = "000102030405060708090a0b";
    private static final String V4 = "00000000000000000000ffffc0000205"; // 192.0.2.5
    private static final String V6 = "20010db8000000000000000000000005";
    private static final MapFields FIELDS =
            new MapFields(new Nonce(NONCE), MapFields.UDP, 6000, 40000, Rig.address("0.0.0.0"));
    private static final String MAP_ANY_V4 =
            NONCE + "11000000" + "17709c40" + "00000000000000000000ffff00000000";

    private static String hex(Message m) {
        return HexFormat.of().formatHex(m.encode());
    }

    private static Optional<Message> decode(String hex) {
        return Message.decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
    }

    private static Message request(String client, MapFields map, Option... options) {
        return Message.map(Rig.address(client), map, 3600, List.of(options));
    }

    @Test
    void announces() {
        assertEquals("02000000" + "00000000" + V4, hex(Message.announce(Rig.address("192.0.2.5"))));
        Message m = decode("02800000" + "00000000" + "0000002a" + "0".repeat(24)).orElseThrow();
        assertTrue(m.response());
        assertEquals(Message.ANNOUNCE, m.opcode());
        assertEquals(42, m.epoch());
    }

    @Test
    void maps() {
        assertEquals("02010000" + "00000e10" + V4 + MAP_ANY_V4, hex(request("192.0.2.5", FIELDS)));
        MapFields v6 = new MapFields(new Nonce(NONCE), MapFields.TCP, 80, 80, Rig.address("::"));
        assertEquals(
                "02010000" + "00000e10" + V6 + NONCE + "06000000" + "00500050" + "0".repeat(32),
                hex(request("2001:db8::5", v6)));
    }

    @Test
    void readsWhatWasGranted() {
        Message m =
                decode(
                                "02810000"
                                        + "00000078"
                                        + "fffffffe"
                                        + "0".repeat(24)
                                        + NONCE
                                        + "11000000"
                                        + "17709c41"
                                        + "00000000000000000000ffffcb007107")
                        .orElseThrow();
        assertEquals(120, m.lifetime());
        assertEquals(0xfffffffeL, m.epoch());
        MapFields f = m.map().orElseThrow();
        assertEquals(40001, f.externalPort());
        assertEquals(Rig.address("203.0.113.7"), f.external(), "an IPv4 address");
        assertTrue(f.answers(FIELDS));
        MapFields other = new MapFields(new Nonce("f".repeat(24)), 17, 6000, 1, f.external());
        assertFalse(f.answers(other));
        assertFalse(f.toString().contains(NONCE), "whoever knows it can take the mapping away");
    }

    @Test
    void readsRefusalsHoweverShort() {
        Message m = decode("02810008" + "0000001e" + "00000009" + "0".repeat(24)).orElseThrow();
        assertEquals(8, m.result());
        assertEquals(30, m.lifetime());
        assertEquals(Optional.empty(), m.map());
        String odd =
                "02810005" + "0000001e" + "00000009" + "0".repeat(24) + MAP_ANY_V4 + "7f0000ff";
        assertEquals(5, decode(odd).orElseThrow().result(), "options as they were sent");
    }

    @Test
    void asksForAPeer() {
        Message m =
                new Message(
                        false,
                        Message.PEER,
                        3600,
                        Optional.of(Rig.address("192.0.2.5")),
                        0,
                        0,
                        Optional.of(FIELDS),
                        Optional.of(new InetSocketAddress("203.0.113.9", 443)),
                        List.of());
        String hex =
                "02020000"
                        + "00000e10"
                        + V4
                        + MAP_ANY_V4
                        + "01bb0000"
                        + "00000000000000000000ffffcb007109";
        assertEquals(hex, hex(m));
        assertEquals(Optional.of(m), decode(hex));
    }

    @Test
    void carriesOptions() {
        Message m =
                request(
                        "192.0.2.5",
                        FIELDS,
                        new Option.ThirdParty(Rig.address("192.0.2.6")),
                        new Option.PreferFailure(),
                        new Option.Filter(128, 53, Rig.address("2001:db8::5")));
        String options =
                "01000010"
                        + "00000000000000000000ffffc0000206"
                        + "02000000"
                        + "03000014"
                        + "00800035"
                        + V6;
        assertEquals("02010000" + "00000e10" + V4 + MAP_ANY_V4 + options, hex(m));
        assertEquals(Optional.of(m), decode(hex(m)));
    }

    @Test
    void padsUnknownOptions() {
        Option odd = new Option.Unknown(200, new byte[] {1, 2, 3, 4, 5});
        String hex = hex(request("192.0.2.5", FIELDS, odd));
        assertTrue(hex.endsWith("c8000005" + "0102030405" + "000000"), hex);
        Option back = decode(hex).orElseThrow().options().get(0);
        assertEquals(200, back.code());
        assertArrayEquals(odd.data(), back.data());
    }

    @Test
    void keepsToItsSize() {
        Option option = new Option.Unknown(200, new byte[32]);
        Message most =
                request(
                        "192.0.2.5",
                        FIELDS,
                        Collections.nCopies(28, option).toArray(Option[]::new));
        assertEquals(24 + 36 + 28 * 36, most.encode().length);
        assertTrue(decode(hex(most)).isPresent());
        Message more =
                request(
                        "192.0.2.5",
                        FIELDS,
                        Collections.nCopies(29, option).toArray(Option[]::new));
        assertThrows(IllegalArgumentException.class, more::encode);
    }

    @Test
    void refusesWhatIsNone() {
        String good = "02810000" + "00000078" + "00000001" + "0".repeat(24) + MAP_ANY_V4;
        assertTrue(decode(good).isPresent());
        assertEquals(Optional.empty(), decode(good.substring(8)), "another version");
        assertEquals(Optional.empty(), decode(good.substring(0, 46)), "truncated header");
        assertEquals(Optional.empty(), decode(good.substring(0, good.length() - 8)), "body");
        assertEquals(Optional.empty(), decode(good + "00"), "not a multiple of 4");
        assertEquals(Optional.empty(), decode(good + "02000004"), "option without its data");
        assertEquals(Optional.empty(), decode(good + "0100000400000000"), "too short for it");
        assertEquals(Optional.empty(), decode(good + "00".repeat(1100)), "too long");
        assertEquals(Optional.empty(), decode(""));
    }
}
