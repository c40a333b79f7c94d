// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.registry;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * Turns what a provider threw into an exception of our own. A kept exception pins the classes of
 * its type and of every frame of its stack, and so the class loader of a bundle that has left.
 */
public final class Detached {
    private Detached() {}

    public static KarstException of(Throwable thrown) {
        Throwable t = thrown;
        while ((t instanceof CompletionException || t instanceof ExecutionException)
                && t.getCause() != null) {
            t = t.getCause();
        }
        if (t instanceof KarstException k) {
            return new KarstException(k.code(), k.getMessage());
        }
        return new KarstException(Code.IO, text(t));
    }

    /** Message, or the type where there is none that a person could read. */
    public static String text(Throwable t) {
        String message;
        try {
            message = t.getMessage();
        } catch (Throwable e) { // getMessage is the provider's code too
            message = null;
        }
        String type = t.getClass().getSimpleName();
        return message == null || message.isBlank() ? type : type + ": " + message;
    }
}
