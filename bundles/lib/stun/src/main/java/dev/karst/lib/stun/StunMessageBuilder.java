// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Builds one message. Integrity and fingerprint come last and in this order: MESSAGE-INTEGRITY,
 * MESSAGE-INTEGRITY-SHA256, FINGERPRINT. Not thread-safe.
 */
public final class StunMessageBuilder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<RawAttribute> attributes = new ArrayList<>();
    private final byte[] id;
    private int sealed;

    StunMessageBuilder(StunClass kind, int method, byte[] id) {
        if (method < 0 || method > 0xfff) {
            throw new IllegalArgumentException("method: 12 bits expected: " + method);
        }
        this.id = id.clone();
        int type = StunMethod.type(method, kind);
        out.writeBytes(ByteBuffer.allocate(4).putShort((short) type).array());
        out.writeBytes(id);
    }

    /**
     * Adds an attribute.
     *
     * @throws IllegalArgumentException if the value cannot be written
     * @throws IllegalStateException if integrity or fingerprint came already
     */
    public <T> StunMessageBuilder with(StunAttribute<T> attribute, T value) {
        seal(0);
        return raw(attribute.type(), attribute.value().write(value, id), 0);
    }

    /**
     * Adds an attribute of any type.
     *
     * @throws IllegalStateException if integrity or fingerprint came already
     */
    public StunMessageBuilder with(int type, byte[] value) {
        seal(0);
        return raw(type, value, 0);
    }

    /** Adds MESSAGE-INTEGRITY; keys come from {@link StunKeys}. */
    public StunMessageBuilder integrity(byte[] key) {
        seal(1);
        byte[] mac = Integrity.mac("HmacSHA1", key, out.toByteArray(), out.size(), 20);
        return raw(StunAttributes.MESSAGE_INTEGRITY.type(), mac, 0);
    }

    /** Adds MESSAGE-INTEGRITY-SHA256, not cut; keys come from {@link StunKeys}. */
    public StunMessageBuilder integritySha256(byte[] key) {
        seal(2);
        byte[] mac = Integrity.mac("HmacSHA256", key, out.toByteArray(), out.size(), 32);
        return raw(StunAttributes.MESSAGE_INTEGRITY_SHA256.type(), mac, 0);
    }

    /** Adds FINGERPRINT. */
    public StunMessageBuilder fingerprint() {
        seal(3);
        long crc = Integrity.fingerprint(out.toByteArray(), out.size());
        return raw(
                StunAttributes.FINGERPRINT.type(),
                StunAttributes.FINGERPRINT.value().write(crc, id),
                0);
    }

    private void seal(int step) {
        if (sealed >= Math.max(step, 1)) {
            throw new IllegalStateException("integrity and fingerprint come last, each once");
        }
        sealed = step;
    }

    /** With that byte as padding. */
    StunMessageBuilder raw(int type, byte[] value, int padding) {
        int padded = value.length + 3 & ~3;
        if (out.size() + 4 + padded > StunMessage.MAX_LENGTH) {
            throw new IllegalArgumentException("the message is too long");
        }
        attributes.add(new RawAttribute(type, out.size(), value.length));
        out.writeBytes(
                ByteBuffer.allocate(4)
                        .putShort((short) type)
                        .putShort((short) value.length)
                        .array());
        out.writeBytes(value);
        for (int i = value.length; i < padded; i++) {
            out.write(padding);
        }
        return this;
    }

    /** Length of what {@link #build} would give now, in bytes. */
    public int length() {
        return out.size();
    }

    /** The message. */
    public StunMessage build() {
        byte[] bytes = out.toByteArray();
        ByteBuffer.wrap(bytes).putShort(2, (short) (bytes.length - StunMessage.HEADER));
        return new StunMessage(bytes, attributes);
    }
}
