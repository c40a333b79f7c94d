// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.nio.ByteBuffer;

/**
 * How the value of an attribute is read and written.
 *
 * @param <T> its type
 */
public interface StunValue<T> {
    /**
     * Reads.
     *
     * @param in exactly the value, without padding
     * @param id what addresses are XORed with: the 16 bytes of cookie and transaction id
     * @return null if it is malformed; a {@link RuntimeException} means the same
     */
    T read(ByteBuffer in, byte[] id);

    /**
     * Writes.
     *
     * @param value what to write
     * @param id as above
     * @return the value, without padding
     * @throws IllegalArgumentException if it cannot be written
     */
    byte[] write(T value, byte[] id);
}
