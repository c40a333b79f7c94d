// SPDX-License-Identifier: Apache-2.0
package dev.karst;

/** The one unchecked exception of Karst: a {@link Code} to act on and a message for a person. */
public final class KarstException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What happened, in terms a caller can act on. */
    public enum Code {
        /** No directory and no configuration knows the peer: check the id, or use its address. */
        NOT_FOUND,
        /** Every attempt failed; the {@link ConnectReport} says why each did. */
        UNREACHABLE,
        /** The peer does not open this protocol to us. */
        NOT_PERMITTED,
        /** Who answered could not prove the expected key. */
        WRONG_KEY,
        /** No common protocol version or cipher suite. */
        INCOMPATIBLE,
        /** No installed provider can do it: install the feature that the message names. */
        NO_PROVIDER,
        /** Not done in time. */
        TIMEOUT,
        /** A limit was reached (pipes, sessions, attempts, bytes); try again later. */
        LIMIT,
        /** The peer process restarted and knows nothing of the pipe. */
        PEER_RESTARTED,
        /** No path came back within the suspend limit. */
        SUSPENDED_TOO_LONG,
        /** The other side reset the pipe. */
        RESET,
        /** Closed here, by the caller or because the node stopped. */
        CLOSED,
        /** An operating system or network error; the cause has it. */
        IO,
        /** A setting is wrong; the message names it. */
        CONFIGURATION
    }

    private final Code code;

    public KarstException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public KarstException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public Code code() {
        return code;
    }

    @Override
    public String toString() {
        return "KarstException[" + code + "] " + getMessage();
    }
}
