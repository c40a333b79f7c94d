// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.text.Normalizer;
import java.util.Optional;

/**
 * SASLprep, RFC 4013: maps other spaces to the space, drops what is invisible, applies NFKC,
 * refuses what is prohibited, and checks mixed directions. Two differences: NFKC is that of the
 * JDK's Unicode instead of 3.2, and characters that Unicode 3.2 did not have are allowed (RFC 3454
 * section 7: as in queries). RFC 8489 asks for OpaqueString instead, which gives the same for plain
 * ASCII and for all vectors of RFC 5769, and differs in compatibility characters.
 */
public final class SaslPrep {
    private SaslPrep() {}

    /** The prepared text; nothing if it has forbidden characters. */
    public static Optional<String> prepare(String text) {
        StringBuilder mapped = new StringBuilder();
        text.codePoints()
                .filter(c -> !dropped(c))
                .forEach(c -> mapped.appendCodePoint(otherSpace(c) ? ' ' : c));
        String out = Normalizer.normalize(mapped, Normalizer.Form.NFKC);
        return out.codePoints().anyMatch(SaslPrep::prohibited) || mixed(out)
                ? Optional.empty()
                : Optional.of(out);
    }

    /** RFC 3454 table B.1. */
    private static boolean dropped(int c) {
        return c == 0x00ad
                || c == 0x034f
                || c == 0x1806
                || c >= 0x180b && c <= 0x180d
                || c >= 0x200b && c <= 0x200d
                || c == 0x2060
                || c >= 0xfe00 && c <= 0xfe0f
                || c == 0xfeff;
    }

    /** RFC 3454 table C.1.2. */
    private static boolean otherSpace(int c) {
        return c != ' ' && Character.getType(c) == Character.SPACE_SEPARATOR;
    }

    /** RFC 3454 tables C.1.2 to C.9. */
    private static boolean prohibited(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            case Character.SPACE_SEPARATOR -> c != ' ';
            default ->
                    c == 0x06dd
                            || c == 0x070f
                            || c == 0x180e
                            || c == 0x0340
                            || c == 0x0341
                            || c >= 0x200c && c <= 0x200f
                            || c >= 0x202a && c <= 0x202e
                            || c >= 0x2060 && c <= 0x2063
                            || c >= 0x206a && c <= 0x206f
                            || c >= 0x2ff0 && c <= 0x2ffb
                            || c >= 0xfdd0 && c <= 0xfdef
                            || c >= 0xfff9 && c <= 0xfffd
                            || c >= 0x1d173 && c <= 0x1d17a
                            || c >= 0xe0001 && c <= 0xe007f
                            || (c & 0xfffe) == 0xfffe;
        };
    }

    /** RFC 3454 section 6: right-to-left text has no left-to-right letters in it. */
    private static boolean mixed(String text) {
        int[] c = text.codePoints().toArray();
        boolean right = false;
        boolean left = false;
        for (int p : c) {
            right |= rightToLeft(p);
            left |= Character.getDirectionality(p) == Character.DIRECTIONALITY_LEFT_TO_RIGHT;
        }
        return right && (left || !rightToLeft(c[0]) || !rightToLeft(c[c.length - 1]));
    }

    private static boolean rightToLeft(int c) {
        byte d = Character.getDirectionality(c);
        return d == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || d == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }
}
