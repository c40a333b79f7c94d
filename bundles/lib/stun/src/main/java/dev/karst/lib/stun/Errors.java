// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Errors as values, RFC 8489 section 14.8, RFC 8656 sections 18.12 and 18.13. */
final class Errors {
    private static final int MAX_REASON = 763;

    static final StunValue<StunError> ERROR =
            Values.of((in, id) -> read(in), (v, id) -> write(0, v));
    static final StunValue<AddressError> ADDRESS =
            Values.of(
                    (in, id) -> {
                        int family = in.get(in.position()) & 0xff;
                        StunError error = read(in);
                        return error == null ? null : new AddressError(family, error);
                    },
                    (v, id) -> write(v.family(), v.error()));
    static final StunValue<IcmpError> ICMP =
            Values.of(
                    (in, id) -> {
                        if (in.remaining() != 8) {
                            return null;
                        }
                        in.getShort(); // reserved
                        return new IcmpError(in.get() & 0xff, in.get() & 0xff, in.getInt());
                    },
                    (v, id) ->
                            ByteBuffer.allocate(8)
                                    .putShort((short) 0)
                                    .put((byte) v.type())
                                    .put((byte) v.code())
                                    .putInt(v.data())
                                    .array());

    private Errors() {}

    private static StunError read(ByteBuffer in) {
        in.getShort();
        int hundreds = in.get() & 7;
        int rest = in.get() & 0xff;
        if (hundreds < 3 || hundreds > 6 || rest > 99 || in.remaining() > MAX_REASON) {
            return null;
        }
        String reason = Values.string(in);
        return reason == null ? null : new StunError(100 * hundreds + rest, reason);
    }

    private static byte[] write(int family, StunError error) {
        byte[] reason = error.reason().getBytes(StandardCharsets.UTF_8);
        if (reason.length > MAX_REASON) {
            throw new IllegalArgumentException("the reason is too long");
        }
        return ByteBuffer.allocate(4 + reason.length)
                .putShort((short) (family << 8))
                .put((byte) (error.code() / 100))
                .put((byte) (error.code() % 100))
                .put(reason)
                .array();
    }
}
