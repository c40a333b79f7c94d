// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.lib.stun.ChangeRequest;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunMethod;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StunResponderTest {
    private static final InetSocketAddress CLIENT = new InetSocketAddress("203.0.113.9", 40_000);

    private final Map<String, Integer> counters = new TreeMap<>();

    static StunEnds ends(int n) {
        List<InetSocketAddress> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            out.add(new InetSocketAddress(i < 2 ? "192.0.2.1" : "192.0.2.2", 3478 + (i & 1)));
        }
        return new StunEnds(out);
    }

    private StunResponder responder(int n) {
        return new StunResponder(
                ends(n), StunLimits.DEFAULT, c -> counters.merge(c, 1, Integer::sum));
    }

    private static StunMessageBuilder request() {
        return StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, new byte[12]);
    }

    private static Optional<StunAnswer> udp(StunResponder r, int end, StunMessageBuilder b) {
        return r.udp(end, CLIENT, ByteBuffer.wrap(b.build().bytes()), 0);
    }

    private static StunMessage read(StunAnswer answer) {
        return StunMessage.decode(ByteBuffer.wrap(answer.bytes()), 2000, true)
                .message()
                .orElseThrow();
    }

    private static void refused(int code, List<Integer> unknown, StunAnswer answer) {
        StunMessage m = read(answer);
        assertEquals(StunClass.ERROR, m.kind());
        assertEquals(code, m.get(StunAttributes.ERROR_CODE).map(StunError::code).orElse(0));
        assertEquals(unknown, m.get(StunAttributes.UNKNOWN_ATTRIBUTES).orElse(List.of()));
        assertEquals(CLIENT, answer.to());
    }

    @Test
    void allFormsOfChangeFromAllEnds() {
        StunResponder r = responder(4);
        for (int end = 0; end < 4; end++) {
            for (int flags = 0; flags < 4; flags++) {
                StunAnswer a =
                        udp(
                                        r,
                                        end,
                                        request()
                                                .with(
                                                        StunAttributes.CHANGE_REQUEST,
                                                        new ChangeRequest(
                                                                (flags & 2) != 0,
                                                                (flags & 1) != 0)))
                                .orElseThrow();
                StunMessage m = read(a);
                assertEquals(StunClass.SUCCESS, m.kind());
                assertEquals(end ^ flags, a.end());
                assertEquals(CLIENT, a.to());
                assertEquals(Optional.of(CLIENT), m.get(StunAttributes.XOR_MAPPED_ADDRESS));
                assertEquals(Optional.of(CLIENT), m.get(StunAttributes.MAPPED_ADDRESS));
                assertEquals(
                        Optional.of(ends(4).ends().get(end ^ flags)),
                        m.get(StunAttributes.RESPONSE_ORIGIN));
                assertEquals(
                        Optional.of(ends(4).ends().get(3 - end)),
                        m.get(StunAttributes.OTHER_ADDRESS));
            }
        }
        assertEquals(Map.of("stun.answered", 16), counters);
    }

    @Test
    void lessEndsRefuseWhatTheyCannot() {
        for (int n = 1; n <= 2; n++) {
            StunResponder r = responder(n);
            StunMessage plain = read(udp(r, 0, request()).orElseThrow());
            assertFalse(plain.has(StunAttributes.OTHER_ADDRESS));
            assertTrue(plain.has(StunAttributes.RESPONSE_ORIGIN));
            for (int flags = 0; flags < 4; flags++) {
                ChangeRequest change = new ChangeRequest((flags & 2) != 0, (flags & 1) != 0);
                StunAnswer a =
                        udp(r, 0, request().with(StunAttributes.CHANGE_REQUEST, change))
                                .orElseThrow();
                if (flags == 0 || flags == 1 && n == 2) {
                    assertEquals(StunClass.SUCCESS, read(a).kind());
                    assertEquals(flags, a.end());
                } else {
                    refused(420, List.of(3), a);
                    assertEquals(0, a.end());
                }
            }
        }
    }

    @Test
    void aWildcardTellsNoAddress() {
        StunEnds ends = new StunEnds(List.of(new InetSocketAddress("0.0.0.0", 3478)));
        StunResponder r = new StunResponder(ends, StunLimits.DEFAULT, c -> {});
        assertFalse(read(udp(r, 0, request()).orElseThrow()).has(StunAttributes.RESPONSE_ORIGIN));
    }

    @Test
    void responsePort() {
        StunResponder r = responder(4);
        StunAnswer a = udp(r, 1, request().with(StunAttributes.RESPONSE_PORT, 1024)).orElseThrow();
        assertEquals(new InetSocketAddress("203.0.113.9", 1024), a.to());
        assertEquals(1, a.end());
        assertEquals(Optional.of(CLIENT), read(a).get(StunAttributes.XOR_MAPPED_ADDRESS));
        refused(
                400,
                List.of(),
                udp(r, 1, request().with(StunAttributes.RESPONSE_PORT, 1023)).orElseThrow());
        refused(
                400,
                List.of(),
                udp(
                                r,
                                1,
                                request()
                                        .with(StunAttributes.RESPONSE_PORT, 5000)
                                        .with(StunAttributes.PADDING, new byte[100]))
                        .orElseThrow());
        refused(
                400,
                List.of(),
                udp(r, 1, request().with(StunAttributes.RESPONSE_PORT.type(), new byte[3]))
                        .orElseThrow());
    }

    @Test
    void paddingFillsUpToTheRequest() {
        StunResponder r = responder(4);
        for (int n = 0; n < 1600; n++) {
            StunMessage m = request().with(StunAttributes.PADDING, new byte[n]).build();
            StunAnswer a =
                    r.udp(0, CLIENT, ByteBuffer.wrap(m.bytes()), n * 1_000_000_000L).orElseThrow();
            assertTrue(read(a).has(StunAttributes.PADDING));
            assertTrue(a.bytes().length <= Math.max(m.length(), 72), "padding " + n);
            assertTrue(n < 100 || a.bytes().length == m.length(), "padding " + n);
        }
    }

    @Test
    void unknownAttributesAreNamed() {
        StunMessageBuilder b =
                request()
                        .with(0x7001, new byte[0])
                        .with(0x7002, new byte[1])
                        .with(0x7001, new byte[0])
                        .with(0xf001, new byte[0])
                        .with(StunAttributes.USERNAME, "u")
                        .integrity(new byte[1]);
        refused(420, List.of(0x7001, 0x7002), udp(responder(4), 2, b).orElseThrow());
        // RFC 3489's way to send answers elsewhere.
        refused(
                420,
                List.of(2),
                udp(responder(4), 2, request().with(StunAttributes.RESPONSE_ADDRESS, CLIENT))
                        .orElseThrow());
    }

    @Test
    void tcp() {
        StunResponder r = responder(4);
        StunAnswer a =
                r.tcp(2, CLIENT, ByteBuffer.wrap(request().build().bytes()), 0).orElseThrow();
        assertEquals(2, a.end());
        assertEquals(Optional.of(ends(4).ends().get(1)), read(a).get(StunAttributes.OTHER_ADDRESS));
        StunMessage change =
                request()
                        .with(StunAttributes.CHANGE_REQUEST, new ChangeRequest(true, true))
                        .build();
        refused(
                420,
                List.of(3),
                r.tcp(2, CLIENT, ByteBuffer.wrap(change.bytes()), 0).orElseThrow());
    }

    @Test
    void classic() {
        StunResponder r = responder(4);
        StunMessageBuilder b =
                StunMessage.classicBuilder(StunClass.REQUEST, StunMethod.BINDING, new byte[16]);
        StunAnswer a =
                udp(r, 0, b.with(StunAttributes.CHANGE_REQUEST, new ChangeRequest(true, true)))
                        .orElseThrow();
        assertEquals(3, a.end());
        StunMessage m = read(a);
        assertTrue(m.classic());
        assertEquals(List.of(1, 4, 5), m.types());
        assertEquals(Optional.of(ends(4).ends().get(3)), m.get(StunAttributes.CHANGED_ADDRESS));
        StunAnswer refusal = udp(r, 0, b.with(0x7001, new byte[0])).orElseThrow();
        refused(420, List.of(0x7001, 0x7001), refusal);
        assertEquals(20 + 4 + 4 + 20 + 4 + 4, refusal.bytes().length);
    }

    @Test
    void silence() {
        StunResponder r = responder(4);
        byte[] id = new byte[12];
        for (StunClass kind : StunClass.values()) {
            if (kind != StunClass.REQUEST) {
                assertTrue(udp(r, 0, StunMessage.builder(kind, 1, id)).isEmpty());
            }
        }
        assertTrue(udp(r, 0, StunMessage.builder(StunClass.REQUEST, 3, id)).isEmpty());
        assertTrue(r.udp(0, CLIENT, ByteBuffer.wrap(new byte[5]), 0).isEmpty());
        assertTrue(r.udp(0, CLIENT, ByteBuffer.wrap(new byte[3000]), 0).isEmpty());
        byte[] broken = request().fingerprint().build().bytes();
        broken[10]++;
        assertTrue(r.udp(0, CLIENT, ByteBuffer.wrap(broken), 0).isEmpty());
        byte[] good = request().build().bytes();
        for (String nobody : List.of("0.0.0.0", "224.0.0.1", "ff02::1")) {
            assertTrue(
                    r.udp(0, new InetSocketAddress(nobody, 9), ByteBuffer.wrap(good), 0).isEmpty());
        }
        assertTrue(
                r.udp(0, new InetSocketAddress("192.0.2.9", 0), ByteBuffer.wrap(good), 0)
                        .isEmpty());
        assertEquals(
                Map.of(
                        "stun.ignored", 4,
                        "stun.bad.short", 1,
                        "stun.bad.long", 1,
                        "stun.bad.fingerprint", 1,
                        "stun.bad.source", 4),
                counters);
    }

    @Test
    void fingerprintIsReturned() {
        assertTrue(read(udp(responder(2), 0, request().fingerprint()).orElseThrow()).fingerprint());
        assertTrue(
                read(udp(responder(2), 0, request().with(1, new byte[0]).fingerprint())
                                .orElseThrow())
                        .fingerprint());
    }

    @Test
    void endsMustMatch() {
        assertThrows(IllegalArgumentException.class, () -> ends(3));
        List<InetSocketAddress> bad = new ArrayList<>(ends(4).ends());
        bad.set(3, new InetSocketAddress("192.0.2.2", 9));
        assertThrows(IllegalArgumentException.class, () -> new StunEnds(bad));
    }
}
