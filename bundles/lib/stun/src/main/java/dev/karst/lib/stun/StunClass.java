// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

/** Class of a message, RFC 8489 section 5: the bits 8 and 4 of the type. */
public enum StunClass {
    REQUEST(0x000),
    INDICATION(0x010),
    SUCCESS(0x100),
    ERROR(0x110);

    final int bits;

    StunClass(int bits) {
        this.bits = bits;
    }

    static StunClass of(int type) {
        return switch (type & 0x110) {
            case 0x000 -> REQUEST;
            case 0x010 -> INDICATION;
            case 0x100 -> SUCCESS;
            default -> ERROR;
        };
    }
}
