// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import java.util.regex.Pattern;

/** A failure in one line. */
final class Failure {
    private static final Pattern ANSI = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");

    private Failure() {}

    /** The message, without colours and after its first line; the type where there is none. */
    static String line(Throwable failure) {
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        return ANSI.matcher(message).replaceAll("").strip().lines().findFirst().orElse("");
    }
}
