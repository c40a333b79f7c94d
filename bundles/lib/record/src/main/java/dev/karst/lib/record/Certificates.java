// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.record;

import dev.karst.KeyCertificate;
import dev.karst.PeerId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Makes and checks the certificates of a peer's X25519 keys. */
public final class Certificates {
    /** Purpose of the Noise static key. */
    public static final String HANDSHAKE = "handshake";

    /** Purpose of the key that signals are sealed to. */
    public static final String SEAL = "seal";

    /** Encoded length. */
    static final int SIZE = 32 + 8 + 64;

    private Certificates() {}

    public static KeyCertificate issue(
            byte[] seed, PeerId owner, String purpose, byte[] key, long number) {
        return new KeyCertificate(
                key, number, Ed25519.sign(seed, statement(owner, purpose, key, number)));
    }

    public static boolean valid(PeerId owner, String purpose, KeyCertificate c) {
        return Ed25519.verify(owner, c.signature(), statement(owner, purpose, c.key(), c.number()));
    }

    private static byte[] statement(PeerId owner, String purpose, byte[] key, long number) {
        byte[] label = ("karst key 1 " + purpose).getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(label.length + 32 + key.length + 8)
                .put(label)
                .put(owner.bytes())
                .put(key)
                .putLong(number)
                .array();
    }

    public static void write(ByteBuffer out, KeyCertificate c) {
        out.put(c.key()).putLong(c.number()).put(c.signature());
    }

    /** Throws BufferUnderflowException or IllegalArgumentException if it is malformed. */
    public static KeyCertificate read(ByteBuffer in) {
        byte[] key = new byte[32];
        byte[] signature = new byte[64];
        in.get(key);
        long number = in.getLong();
        in.get(signature);
        return new KeyCertificate(key, number, signature);
    }
}
