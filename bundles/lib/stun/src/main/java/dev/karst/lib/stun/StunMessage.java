// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A message, immutable. It is its bytes: attributes are read, and integrity is checked, when asked
 * for. Attributes behind MESSAGE-INTEGRITY do not exist here but for MESSAGE-INTEGRITY-SHA256 and
 * FINGERPRINT (RFC 8489 sections 14.5 and 14.6), nor does anything behind FINGERPRINT.
 */
public final class StunMessage {
    /** Length of the header in bytes. */
    public static final int HEADER = 20;

    /** The largest message in bytes. */
    public static final int MAX_LENGTH = HEADER + 0xfffc;

    /** Attributes of a message at most. */
    public static final int MAX_ATTRIBUTES = 256;

    static final int COOKIE = 0x2112a442;

    private final byte[] bytes;
    private final List<RawAttribute> attributes;

    StunMessage(byte[] bytes, List<RawAttribute> attributes) {
        this.bytes = bytes;
        this.attributes = List.copyOf(attributes);
    }

    /** Begins a message of RFC 8489 with a transaction id of 12 bytes, which must be random. */
    public static StunMessageBuilder builder(StunClass kind, int method, byte[] transactionId) {
        if (transactionId.length != 12) {
            throw new IllegalArgumentException("transaction id: 12 bytes expected");
        }
        byte[] id = ByteBuffer.allocate(16).putInt(COOKIE).put(transactionId).array();
        return new StunMessageBuilder(kind, method, id);
    }

    /** Begins a message of RFC 3489, with a transaction id of 16 bytes. */
    public static StunMessageBuilder classicBuilder(StunClass kind, int method, byte[] id) {
        if (id.length != 16) {
            throw new IllegalArgumentException("transaction id: 16 bytes expected");
        }
        return new StunMessageBuilder(kind, method, id);
    }

    /** Begins the answer: method and transaction id are those of this message. */
    public StunMessageBuilder reply(StunClass kind) {
        return new StunMessageBuilder(kind, method(), id());
    }

    /** Decodes what is a message of RFC 8489 from the first byte to the last. Never throws. */
    public static StunDecoded decode(ByteBuffer in) {
        return StunDecoder.decode(in, MAX_LENGTH, false);
    }

    /**
     * Decodes with a limit, and on demand messages of RFC 3489, too. Never throws.
     *
     * @param max limit of the whole in bytes
     * @param classic whether the cookie may be missing; only where nothing but STUN is expected
     */
    public static StunDecoded decode(ByteBuffer in, int max, boolean classic) {
        return StunDecoder.decode(in, max, classic);
    }

    /**
     * Whether it looks like STUN of RFC 8489, for telling it from other protocols on the same
     * socket: type, length and cookie fit.
     */
    public static boolean looksLikeStun(ByteBuffer in) {
        int at = in.position();
        return in.remaining() >= HEADER
                && (in.get(at) & 0xc0) == 0
                && (in.get(at + 3) & 3) == 0
                && in.remaining() == HEADER + ((in.get(at + 2) & 0xff) << 8 | in.get(at + 3) & 0xff)
                && (in.get(at + 4) & 0xff) == 0x21
                && (in.get(at + 5) & 0xff) == 0x12
                && (in.get(at + 6) & 0xff) == 0xa4
                && (in.get(at + 7) & 0xff) == 0x42;
    }

    public StunClass kind() {
        return StunClass.of(type());
    }

    /** See {@link StunMethod}. */
    public int method() {
        return StunMethod.of(type());
    }

    private int type() {
        return (bytes[0] & 0xff) << 8 | bytes[1] & 0xff;
    }

    /** Whether it is of RFC 3489: no cookie. */
    public boolean classic() {
        return ByteBuffer.wrap(bytes).getInt(4) != COOKIE;
    }

    /** 12 bytes; 16 of a classic message. */
    public byte[] transactionId() {
        return Arrays.copyOfRange(bytes, classic() ? 4 : 8, HEADER);
    }

    /** Whether this answers that: a success or error with its method and transaction id. */
    public boolean answers(StunMessage request) {
        return (kind() == StunClass.SUCCESS || kind() == StunClass.ERROR)
                && method() == request.method()
                && Arrays.equals(bytes, 4, HEADER, request.bytes, 4, HEADER);
    }

    byte[] id() {
        return Arrays.copyOfRange(bytes, 4, HEADER);
    }

    /** The encoded message. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Length of the encoded message. */
    public int length() {
        return bytes.length;
    }

    /** The types of all attributes in their order. */
    public List<Integer> types() {
        return attributes.stream().map(RawAttribute::type).toList();
    }

    /** Whether there is such an attribute, readable or not. */
    public boolean has(StunAttribute<?> attribute) {
        return raw(attribute.type()).isPresent();
    }

    /** The first attribute of that type; nothing if there is none or its value is malformed. */
    public <T> Optional<T> get(StunAttribute<T> attribute) {
        return raw(attribute.type()).flatMap(a -> read(attribute, a));
    }

    /** Whether it is there, but its value is malformed: the message deserves a 400. */
    public boolean malformed(StunAttribute<?> attribute) {
        return has(attribute) && get(attribute).isEmpty();
    }

    /** All attributes of that type, without malformed ones. */
    public <T> List<T> all(StunAttribute<T> attribute) {
        List<T> out = new ArrayList<>();
        for (RawAttribute a : attributes) {
            if (a.type() == attribute.type()) {
                read(attribute, a).ifPresent(out::add);
            }
        }
        return List.copyOf(out);
    }

    /** Types of comprehension-required attributes that are not understood, each once. */
    public List<Integer> unknown(StunAttribute<?>... understood) {
        Set<Integer> known = new HashSet<>();
        for (StunAttribute<?> a : understood) {
            known.add(a.type());
        }
        return types().stream()
                .filter(t -> StunAttribute.comprehensionRequired(t) && !known.contains(t))
                .distinct()
                .toList();
    }

    /** Whether it carries MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256. */
    public boolean hasIntegrity() {
        return has(StunAttributes.MESSAGE_INTEGRITY)
                || has(StunAttributes.MESSAGE_INTEGRITY_SHA256);
    }

    /** Whether MESSAGE-INTEGRITY is there and right. Takes the same time for all wrong ones. */
    public boolean integrity(byte[] key) {
        return check(StunAttributes.MESSAGE_INTEGRITY, "HmacSHA1", key);
    }

    /**
     * Whether MESSAGE-INTEGRITY-SHA256 is there and right. It may be cut to 16 bytes; what length
     * to accept is the caller's to check. Takes the same time for all wrong ones.
     */
    public boolean integritySha256(byte[] key) {
        return check(StunAttributes.MESSAGE_INTEGRITY_SHA256, "HmacSHA256", key);
    }

    private boolean check(StunAttribute<byte[]> attribute, String algorithm, byte[] key) {
        Optional<byte[]> sent = get(attribute);
        if (sent.isEmpty() || sent.get().length % 4 != 0) {
            return false;
        }
        int at = raw(attribute.type()).get().at();
        return Integrity.same(Integrity.mac(algorithm, key, bytes, at, sent.get().length), sent);
    }

    /** Whether FINGERPRINT is there and right. */
    public boolean fingerprint() {
        Optional<Long> sent = get(StunAttributes.FINGERPRINT);
        return sent.isPresent()
                && sent.get()
                        == Integrity.fingerprint(
                                bytes, raw(StunAttributes.FINGERPRINT.type()).get().at());
    }

    private Optional<RawAttribute> raw(int type) {
        for (RawAttribute a : attributes) {
            if (a.type() == type) {
                return Optional.of(a);
            }
        }
        return Optional.empty();
    }

    private <T> Optional<T> read(StunAttribute<T> attribute, RawAttribute raw) {
        try {
            ByteBuffer value = ByteBuffer.wrap(bytes, raw.at() + 4, raw.length()).slice();
            return Optional.ofNullable(attribute.value().read(value.asReadOnlyBuffer(), id()));
        } catch (RuntimeException e) {
            return Optional.empty(); // of the value's own: too short, out of range
        }
    }

    @Override
    public String toString() {
        return kind()
                + " method "
                + method()
                + " id "
                + HexFormat.of().formatHex(transactionId())
                + " "
                + types().stream().map(Integer::toHexString).toList();
    }
}
