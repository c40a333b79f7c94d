// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.tcp;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Errors in words. */
final class Reasons {
    private Reasons() {}

    static Throwable cause(Throwable e) {
        Throwable t = e;
        while ((t instanceof CompletionException || t instanceof ExecutionException)
                && t.getCause() != null) {
            t = t.getCause();
        }
        return t;
    }

    static String of(Throwable e) {
        Throwable t = cause(e);
        String text = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
        if (text.contains("refused")) {
            return "refused";
        } else if (text.contains("unreachable") || text.contains("No route")) {
            return "unreachable";
        } else if (text.contains("timed out")) {
            return "timed out";
        } else if (text.contains("reset")) {
            return "reset by the peer";
        }
        return text;
    }
}
