// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.util.Locale;

/** Why bytes are no STUN message. */
public enum StunProblem {
    /** Fewer bytes than a header has. */
    SHORT,
    /** More bytes than the reader allows. */
    LONG,
    /** The first two bits are not zero: another protocol, or TURN channel data. */
    TYPE,
    /** The header's length is not a multiple of 4, or not that of the bytes. */
    LENGTH,
    /** No magic cookie: another protocol, or RFC 3489. */
    COOKIE,
    /** An attribute reaches beyond the end. */
    ATTRIBUTE,
    /** More than {@value StunMessage#MAX_ATTRIBUTES} attributes. */
    MANY;

    /** For the name of a counter. */
    public String counter() {
        return name().toLowerCase(Locale.ROOT);
    }
}
