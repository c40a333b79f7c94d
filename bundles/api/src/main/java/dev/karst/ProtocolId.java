// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import java.util.regex.Pattern;

/**
 * Names what is spoken in a pipe, as in {@code tunnel/web}. 1 to 64 characters out of letters,
 * digits and {@code . _ - /}.
 */
public record ProtocolId(String name) {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._/-]{1,64}");

    public ProtocolId {
        if (!FORM.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a protocol id is 1 to 64 letters, digits or . _ - /: " + name);
        }
    }

    public static ProtocolId of(String name) {
        return new ProtocolId(name);
    }

    @Override
    public String toString() {
        return name;
    }
}
