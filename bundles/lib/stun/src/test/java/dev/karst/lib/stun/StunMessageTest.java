// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class StunMessageTest {
    private static final byte[] ID = new byte[12];
    private static final byte[] KEY = {1, 2, 3};
    private static final InetSocketAddress V4 = new InetSocketAddress("192.0.2.7", 65535);
    private static final InetSocketAddress V6 = new InetSocketAddress("2001:db8::7", 1);

    private static StunMessageBuilder request() {
        return StunMessage.builder(StunClass.REQUEST, StunMethod.BINDING, ID);
    }

    private static StunMessage again(StunMessage m) {
        return StunMessage.decode(ByteBuffer.wrap(m.bytes())).message().orElseThrow();
    }

    private static StunProblem problem(byte[] bytes) {
        return StunMessage.decode(ByteBuffer.wrap(bytes)).problem().orElseThrow();
    }

    @Test
    void everyMethodAndClass() {
        for (int method = 0; method <= 0xfff; method++) {
            for (StunClass kind : StunClass.values()) {
                StunMessage m = again(StunMessage.builder(kind, method, ID).build());
                assertEquals(kind, m.kind());
                assertEquals(method, m.method());
            }
        }
        assertEquals(
                0x0101,
                ByteBuffer.wrap(request().build().reply(StunClass.SUCCESS).build().bytes())
                        .getShort());
        assertEquals(
                0x0113,
                ByteBuffer.wrap(
                                StunMessage.builder(StunClass.ERROR, StunMethod.ALLOCATE, ID)
                                        .build()
                                        .bytes())
                        .getShort());
    }

    @Test
    void everyAttribute() {
        Map<StunAttribute<?>, Object> values = new LinkedHashMap<>();
        for (var a :
                List.of(
                        StunAttributes.MAPPED_ADDRESS,
                        StunAttributes.XOR_MAPPED_ADDRESS,
                        StunAttributes.ALTERNATE_SERVER,
                        StunAttributes.RESPONSE_ORIGIN,
                        StunAttributes.OTHER_ADDRESS,
                        StunAttributes.RESPONSE_ADDRESS)) {
            values.put(a, V4);
        }
        for (var a :
                List.of(
                        StunAttributes.SOURCE_ADDRESS,
                        StunAttributes.CHANGED_ADDRESS,
                        StunAttributes.XOR_PEER_ADDRESS,
                        StunAttributes.XOR_RELAYED_ADDRESS)) {
            values.put(a, V6);
        }
        values.put(StunAttributes.USERNAME, "jürgen");
        values.put(StunAttributes.REALM, "");
        values.put(StunAttributes.NONCE, "n");
        values.put(StunAttributes.SOFTWARE, "karst");
        values.put(StunAttributes.ALTERNATE_DOMAIN, "example.org");
        values.put(StunAttributes.ERROR_CODE, new StunError(699, "why"));
        values.put(StunAttributes.UNKNOWN_ATTRIBUTES, List.of(1, 0xffff, 3));
        values.put(StunAttributes.PASSWORD_ALGORITHM, new PasswordAlgorithm(9, "abcdef"));
        values.put(
                StunAttributes.PASSWORD_ALGORITHMS,
                List.of(new PasswordAlgorithm(7, "01"), PasswordAlgorithm.MD5));
        values.put(StunAttributes.CHANGE_REQUEST, new ChangeRequest(true, false));
        values.put(StunAttributes.RESPONSE_PORT, 65535);
        values.put(StunAttributes.CHANNEL_NUMBER, 0x4000);
        values.put(StunAttributes.LIFETIME, 0xffffffffL);
        values.put(StunAttributes.REQUESTED_ADDRESS_FAMILY, 2);
        values.put(StunAttributes.ADDITIONAL_ADDRESS_FAMILY, 2);
        values.put(StunAttributes.EVEN_PORT, true);
        values.put(StunAttributes.REQUESTED_TRANSPORT, 17);
        values.put(StunAttributes.DONT_FRAGMENT, true);
        values.put(
                StunAttributes.ADDRESS_ERROR_CODE,
                new AddressError(2, StunError.FAMILY_NOT_SUPPORTED));
        values.put(StunAttributes.ICMP, new IcmpError(3, 4, 1500));
        values.put(StunAttributes.CONNECTION_ID, 1L << 31);
        values.put(StunAttributes.PRIORITY, 5L);
        values.put(StunAttributes.USE_CANDIDATE, true);
        values.put(StunAttributes.ICE_CONTROLLED, -1L);
        values.put(StunAttributes.ICE_CONTROLLING, 7L);
        StunMessageBuilder b = request();
        values.forEach((a, v) -> put(b, a, v));
        b.with(StunAttributes.DATA, new byte[] {1, 2, 3, 4, 5});
        b.with(StunAttributes.PADDING, new byte[9]);
        b.with(StunAttributes.RESERVATION_TOKEN, new byte[8]);
        b.with(StunAttributes.USERHASH, new byte[32]);
        StunMessage m = again(b.integrity(KEY).integritySha256(KEY).fingerprint().build());
        values.forEach((a, v) -> assertEquals(Optional.of(v), m.get(a), a.name()));
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5}, m.get(StunAttributes.DATA).orElseThrow());
        assertEquals(9, m.get(StunAttributes.PADDING).orElseThrow().length);
        assertTrue(m.integrity(KEY));
        assertTrue(m.integritySha256(KEY));
        assertTrue(m.fingerprint());
    }

    @SuppressWarnings("unchecked")
    private static <T> void put(StunMessageBuilder b, StunAttribute<T> a, Object v) {
        b.with(a, (T) v);
    }

    @Test
    void malformedValuesAreAbsentAndTold() {
        StunMessage m =
                again(
                        request()
                                .with(StunAttributes.ERROR_CODE.type(), new byte[] {0, 0, 9, 0})
                                .with(StunAttributes.XOR_MAPPED_ADDRESS.type(), new byte[8])
                                .with(StunAttributes.USERNAME.type(), new byte[] {(byte) 0xff})
                                .with(StunAttributes.REALM.type(), new byte[764])
                                .with(StunAttributes.PASSWORD_ALGORITHMS.type(), new byte[3])
                                .with(StunAttributes.LIFETIME.type(), new byte[3])
                                .with(StunAttributes.EVEN_PORT.type(), new byte[0])
                                .build());
        assertEquals(7, m.types().size());
        for (StunAttribute<?> a :
                List.of(
                        StunAttributes.ERROR_CODE,
                        StunAttributes.XOR_MAPPED_ADDRESS,
                        StunAttributes.USERNAME,
                        StunAttributes.REALM,
                        StunAttributes.PASSWORD_ALGORITHMS,
                        StunAttributes.LIFETIME,
                        StunAttributes.EVEN_PORT)) {
            assertTrue(m.malformed(a), a.name());
            assertTrue(m.get(a).isEmpty());
            assertTrue(m.all(a).isEmpty());
        }
        assertFalse(m.malformed(StunAttributes.NONCE));
    }

    @Test
    void theFirstOfTwoCountsAndAllAreListed() {
        StunMessage m =
                again(
                        request()
                                .with(StunAttributes.XOR_PEER_ADDRESS, V4)
                                .with(StunAttributes.XOR_PEER_ADDRESS, V6)
                                .build());
        assertEquals(Optional.of(V4), m.get(StunAttributes.XOR_PEER_ADDRESS));
        assertEquals(List.of(V4, V6), m.all(StunAttributes.XOR_PEER_ADDRESS));
    }

    @Test
    void whatComesBehindIntegrityDoesNotExist() {
        byte[] sealed = request().integrity(KEY).build().bytes();
        StunMessage more =
                again(
                        forged(
                                sealed,
                                request().with(StunAttributes.USERNAME, "evil").build().bytes()));
        assertFalse(more.has(StunAttributes.USERNAME));
        assertTrue(more.integrity(KEY));

        byte[] both = request().integrity(KEY).integritySha256(KEY).build().bytes();
        StunMessage third =
                again(forged(both, request().integrity(KEY).fingerprint().build().bytes()));
        assertEquals(List.of(0x8, 0x1c, 0x8028), third.types());
        assertTrue(third.integritySha256(KEY));

        byte[] printed = request().fingerprint().build().bytes();
        StunMessage fourth = again(forged(printed, request().integrity(KEY).build().bytes()));
        assertEquals(List.of(0x8028), fourth.types());
    }

    /** The first message with the second one's attributes behind its own. */
    private static StunMessage forged(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length - StunMessage.HEADER);
        System.arraycopy(second, 20, all, first.length, second.length - 20);
        ByteBuffer.wrap(all).putShort(2, (short) (all.length - 20));
        return StunMessage.decode(ByteBuffer.wrap(all)).message().orElseThrow();
    }

    @Test
    void shortenedSha256() {
        byte[] mac = Integrity.mac("HmacSHA256", KEY, request().build().bytes(), 20, 16);
        StunMessage m = again(request().with(0x1c, mac).build());
        assertTrue(m.integritySha256(KEY));
        byte[] odd = Integrity.mac("HmacSHA256", KEY, request().build().bytes(), 20, 18);
        assertFalse(again(request().with(0x1c, odd).build()).integritySha256(KEY));
    }

    /** The samples of the RFCs are all shorter than 256 bytes. */
    @Test
    void integrityOfALongMessage() throws GeneralSecurityException {
        StunMessage m = request().with(StunAttributes.DATA, new byte[600]).integrity(KEY).build();
        byte[] covered = Arrays.copyOf(m.bytes(), m.length() - 24);
        assertEquals(604 + 24, ByteBuffer.wrap(covered).getShort(2));
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(KEY, "HmacSHA1"));
        assertArrayEquals(
                mac.doFinal(covered), m.get(StunAttributes.MESSAGE_INTEGRITY).orElseThrow());
        byte[] printed =
                m.reply(StunClass.REQUEST).with(1, new byte[600]).fingerprint().build().bytes();
        CRC32 crc = new CRC32();
        crc.update(printed, 0, printed.length - 8);
        assertEquals(
                (int) crc.getValue() ^ 0x5354554e,
                ByteBuffer.wrap(printed).getInt(printed.length - 4));
    }

    @Test
    void everyFlippedBitBreaksIntegrityOrFingerprint() {
        byte[] good =
                request()
                        .with(StunAttributes.SOFTWARE, "x")
                        .integrity(KEY)
                        .fingerprint()
                        .build()
                        .bytes();
        for (int bit = 0; bit < 8 * good.length; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            Optional<StunMessage> m =
                    StunMessage.decode(ByteBuffer.wrap(bad), 1500, true).message();
            assertTrue(
                    m.isEmpty() || !m.get().integrity(KEY) || !m.get().fingerprint(), "bit " + bit);
        }
    }

    @Test
    void unknown() {
        StunMessage m =
                again(
                        request()
                                .with(0x7777, ID)
                                .with(0x7777, ID)
                                .with(0x9999, ID)
                                .with(StunAttributes.USERNAME, "u")
                                .build());
        assertEquals(List.of(0x7777), m.unknown(StunAttributes.USERNAME));
        assertEquals(List.of(0x7777, 6), m.unknown());
    }

    @Test
    void problems() {
        byte[] good = request().with(StunAttributes.SOFTWARE, "abc").build().bytes();
        assertEquals(StunProblem.SHORT, problem(Arrays.copyOf(good, 19)));
        assertEquals(StunProblem.SHORT, problem(new byte[0]));
        assertEquals(StunProblem.LENGTH, problem(Arrays.copyOf(good, good.length - 4)));
        assertEquals(StunProblem.LENGTH, problem(Arrays.copyOf(good, good.length + 4)));
        assertEquals(StunProblem.TYPE, problem(set(good, 0, 0x40)));
        assertEquals(StunProblem.LENGTH, problem(set(good, 3, 9)));
        assertEquals(StunProblem.COOKIE, problem(set(good, 4, 0)));
        assertEquals(StunProblem.ATTRIBUTE, problem(set(good, 23, 5)));
        assertEquals(StunProblem.LONG, problem(new byte[70_000]));
        assertEquals(
                StunProblem.LONG,
                StunMessage.decode(ByteBuffer.wrap(good), 27, false).problem().orElseThrow());
        StunMessageBuilder many = request();
        for (int i = 0; i <= StunMessage.MAX_ATTRIBUTES; i++) {
            many.with(0x9999, new byte[0]);
        }
        assertEquals(StunProblem.MANY, problem(many.build().bytes()));
        assertEquals("attribute", StunProblem.ATTRIBUTE.counter());
        assertTrue(StunMessage.looksLikeStun(ByteBuffer.wrap(good)));
        assertFalse(StunMessage.looksLikeStun(ByteBuffer.wrap(set(good, 7, 0))));
        assertFalse(StunMessage.looksLikeStun(ByteBuffer.wrap(set(good, 2, 1))));
    }

    private static byte[] set(byte[] bytes, int at, int value) {
        byte[] out = bytes.clone();
        out[at] = (byte) value;
        return out;
    }

    @Test
    void classic() {
        byte[] id = new byte[16];
        id[0] = 9;
        byte[] sent =
                StunMessage.classicBuilder(StunClass.REQUEST, StunMethod.BINDING, id)
                        .with(StunAttributes.CHANGE_REQUEST, new ChangeRequest(true, true))
                        .build()
                        .bytes();
        assertEquals(StunProblem.COOKIE, problem(sent));
        StunMessage m =
                StunMessage.decode(ByteBuffer.wrap(sent), 1500, true).message().orElseThrow();
        assertTrue(m.classic());
        assertArrayEquals(id, m.transactionId());
        StunMessage answer =
                m.reply(StunClass.SUCCESS).with(StunAttributes.CHANGED_ADDRESS, V4).build();
        assertTrue(answer.classic());
        assertTrue(answer.answers(m));
        assertFalse(request().build().classic());
    }

    @Test
    void misuse() {
        assertThrows(IllegalStateException.class, () -> request().integrity(KEY).with(1, ID));
        assertThrows(IllegalStateException.class, () -> request().fingerprint().integrity(KEY));
        assertThrows(
                IllegalStateException.class, () -> request().integritySha256(KEY).integrity(KEY));
        assertThrows(IllegalStateException.class, () -> request().fingerprint().fingerprint());
        assertThrows(
                IllegalArgumentException.class,
                () -> request().with(StunAttributes.USERNAME, "x".repeat(509)));
        assertThrows(
                IllegalArgumentException.class,
                () -> request().with(StunAttributes.LIFETIME, 1L << 32));
        assertThrows(IllegalArgumentException.class, () -> request().with(1, new byte[65_536]));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        request()
                                .with(
                                        StunAttributes.MAPPED_ADDRESS,
                                        InetSocketAddress.createUnresolved("x", 1)));
    }
}
