// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Finds the attributes in bytes, and what is wrong with those. */
final class StunDecoder {
    private StunDecoder() {}

    static StunDecoded decode(ByteBuffer in, int max, boolean classic) {
        int length = in.remaining();
        if (length < StunMessage.HEADER) {
            return StunDecoded.no(StunProblem.SHORT);
        }
        if (length > Math.min(max, StunMessage.MAX_LENGTH)) {
            return StunDecoded.no(StunProblem.LONG);
        }
        byte[] bytes = new byte[length];
        in.duplicate().get(bytes);
        ByteBuffer b = ByteBuffer.wrap(bytes);
        if ((bytes[0] & 0xc0) != 0) {
            return StunDecoded.no(StunProblem.TYPE);
        }
        int told = b.getShort(2) & 0xffff;
        if (told % 4 != 0 || told != length - StunMessage.HEADER) {
            return StunDecoded.no(StunProblem.LENGTH);
        }
        if (!classic && b.getInt(4) != StunMessage.COOKIE) {
            return StunDecoded.no(StunProblem.COOKIE);
        }
        List<RawAttribute> attributes = new ArrayList<>();
        int at = StunMessage.HEADER;
        int seen = 0;
        boolean sha1 = false;
        boolean sha256 = false;
        boolean fingerprint = false;
        while (at < length) { // at is a multiple of 4, as is length
            int type = b.getShort(at) & 0xffff;
            int size = b.getShort(at + 2) & 0xffff;
            int end = at + 4 + (size + 3 & ~3);
            if (end > length) {
                return StunDecoded.no(StunProblem.ATTRIBUTE);
            }
            if (++seen > StunMessage.MAX_ATTRIBUTES) {
                return StunDecoded.no(StunProblem.MANY);
            }
            boolean isSha256 = type == StunAttributes.MESSAGE_INTEGRITY_SHA256.type();
            boolean isFingerprint = type == StunAttributes.FINGERPRINT.type();
            boolean counts = !fingerprint && (isFingerprint || !sha256 && (isSha256 || !sha1));
            if (counts) {
                attributes.add(new RawAttribute(type, at, size));
                sha1 |= type == StunAttributes.MESSAGE_INTEGRITY.type();
                sha256 |= isSha256;
                fingerprint |= isFingerprint;
            }
            at = end;
        }
        return StunDecoded.of(new StunMessage(bytes, attributes));
    }
}
