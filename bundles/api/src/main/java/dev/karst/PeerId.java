// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.util.Arrays;

/**
 * Who a peer is: its Ed25519 public key (RFC 8032), 32 bytes. Never says where the peer is.
 *
 * <p>The text form is the key in lower-case base32 (RFC 4648, no padding), 52 characters. Ids are
 * ordered by their bytes, unsigned; of two peers in a session the lower id is the controller.
 */
public final class PeerId implements Comparable<PeerId> {
    /** Bytes in a key. */
    public static final int SIZE = 32;

    private final byte[] key;

    private PeerId(byte[] key) {
        this.key = key;
    }

    /**
     * The id with this public key.
     *
     * @throws IllegalArgumentException if {@code key} is not {@value #SIZE} bytes
     */
    public static PeerId of(byte[] key) {
        if (key.length != SIZE) {
            throw new IllegalArgumentException(
                    "a peer id is " + SIZE + " bytes, got " + key.length);
        }
        return new PeerId(key.clone());
    }

    /**
     * Parses {@link #toString()}; case does not matter.
     *
     * @throws IllegalArgumentException if the text is not a peer id
     */
    public static PeerId parse(String text) {
        byte[] bytes;
        try {
            bytes = Base32.decode(text.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not a peer id: " + shorten(text), e);
        }
        if (bytes.length != SIZE) {
            throw new IllegalArgumentException(
                    "not a peer id (52 base32 characters expected): " + shorten(text));
        }
        return new PeerId(bytes);
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }

    /** A copy of the key. */
    public byte[] bytes() {
        return key.clone();
    }

    /** The first ten characters: enough for a person to tell peers apart in a table. */
    public String brief() {
        return toString().substring(0, 10);
    }

    @Override
    public int compareTo(PeerId other) {
        return Arrays.compareUnsigned(key, other.key);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof PeerId p && Arrays.equals(key, p.key);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key);
    }

    @Override
    public String toString() {
        return Base32.encode(key);
    }
}
