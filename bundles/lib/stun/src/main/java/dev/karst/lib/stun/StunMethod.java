// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

/** Methods, 12 bits: RFC 8489, 8656, 6062. Not an enum, for a decoder must carry unknown ones. */
public final class StunMethod {
    public static final int BINDING = 0x001;
    public static final int ALLOCATE = 0x003;
    public static final int REFRESH = 0x004;
    public static final int SEND = 0x006;
    public static final int DATA = 0x007;
    public static final int CREATE_PERMISSION = 0x008;
    public static final int CHANNEL_BIND = 0x009;
    public static final int CONNECT = 0x00a;
    public static final int CONNECTION_BIND = 0x00b;
    public static final int CONNECTION_ATTEMPT = 0x00c;

    private StunMethod() {}

    static int of(int type) {
        return type & 0x00f | (type & 0x0e0) >> 1 | (type & 0x3e00) >> 2;
    }

    static int type(int method, StunClass kind) {
        return method & 0x00f | (method & 0x070) << 1 | (method & 0xf80) << 2 | kind.bits;
    }
}
