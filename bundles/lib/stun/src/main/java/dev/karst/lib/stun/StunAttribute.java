// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

/**
 * A kind of attribute: its number and how its value reads. Constants are in {@link StunAttributes};
 * another protocol may have its own.
 *
 * @param <T> type of the value
 */
public final class StunAttribute<T> {
    private final int type;
    private final String name;
    private final StunValue<T> value;

    /**
     * A kind of attribute.
     *
     * @param type 16 bits
     * @param name as in the RFC
     * @param value how it reads
     */
    public StunAttribute(int type, String name, StunValue<T> value) {
        if (type < 0 || type > 0xffff) {
            throw new IllegalArgumentException("type: 16 bits expected: " + type);
        }
        this.type = type;
        this.name = name;
        this.value = value;
    }

    /** The number on the wire. */
    public int type() {
        return type;
    }

    /** The name in the RFC. */
    public String name() {
        return name;
    }

    StunValue<T> value() {
        return value;
    }

    /** Whether who does not know that type must refuse the message: below 0x8000. */
    public static boolean comprehensionRequired(int type) {
        return type < 0x8000;
    }

    @Override
    public String toString() {
        return name;
    }
}
