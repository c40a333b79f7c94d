// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.KarstException;
import org.apache.karaf.shell.support.CommandException;

/**
 * What a failed command throws. Karaf shows a CommandException without a stack trace and does not
 * log it as an error.
 */
final class Failures {
    private Failures() {}

    static CommandException because(String message, Throwable cause) {
        String line = Text.safe(message);
        return new CommandException(line, line, cause);
    }

    /** The message, and what a person at a shell can do about it. */
    static CommandException of(KarstException e) {
        String advice =
                switch (e.code()) {
                    case NOT_FOUND -> "connect by its address: ask its owner for karst:node";
                    case UNREACHABLE -> "see every attempt: karst:why";
                    case NOT_PERMITTED -> "the peer has to open this to us";
                    case WRONG_KEY -> "somebody else answered: check the id or the address";
                    case NO_PROVIDER -> "see what is installed: karst:providers";
                    case PEER_RESTARTED, RESET, SUSPENDED_TOO_LONG -> "try again";
                    default -> "";
                };
        String message = e.getMessage() == null ? e.code().name() : e.getMessage();
        return because(
                e.code() + ": " + message + (advice.isEmpty() ? "" : " (" + advice + ")"), e);
    }
}
