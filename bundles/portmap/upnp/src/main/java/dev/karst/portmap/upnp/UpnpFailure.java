// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import java.util.concurrent.CompletionException;

/** Why a gateway did not do what it was asked; becomes a {@link KarstException} at the border. */
final class UpnpFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Whether nothing answers at the control URL: then it may be another one by now. */
    private final boolean gone;

    private final Code code;
    private final int error;

    private UpnpFailure(Code code, int error, boolean gone, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.error = error;
        this.gone = gone;
    }

    /** The gateway said so by a UPnPError. */
    static UpnpFailure refused(int error, String description) {
        return new UpnpFailure(
                ErrorCodes.code(error), error, false, ErrorCodes.text(error, description), null);
    }

    /** What came back is not what the protocol says. */
    static UpnpFailure garbage(String what) {
        return new UpnpFailure(Code.INCOMPATIBLE, 0, false, what, null);
    }

    /** Something of ours forbids to go on. */
    static UpnpFailure forbidden(String what) {
        return new UpnpFailure(Code.NOT_PERMITTED, 0, false, what, null);
    }

    static UpnpFailure late(String what) {
        return new UpnpFailure(Code.TIMEOUT, 0, true, what, null);
    }

    /** Nothing answers there, or something else does. */
    static UpnpFailure gone(String what, Throwable cause) {
        return new UpnpFailure(Code.UNREACHABLE, 0, true, what, cause);
    }

    static UpnpFailure cancelled() {
        return new UpnpFailure(Code.CLOSED, 0, false, "cancelled", null);
    }

    /** The UPnP error code, 0 if it is none. */
    int error() {
        return error;
    }

    boolean gone() {
        return gone;
    }

    /** The failure inside what a stage failed with. */
    static UpnpFailure of(Throwable e) {
        Throwable t = e;
        while (t instanceof CompletionException && t.getCause() != null) {
            t = t.getCause();
        }
        if (t instanceof UpnpFailure f) {
            return f;
        }
        String message = t.getMessage() == null ? t.getClass().getSimpleName() : t.getMessage();
        return new UpnpFailure(Code.IO, 0, false, message, t);
    }

    KarstException told() {
        return new KarstException(code, "UPnP: " + getMessage(), getCause());
    }
}
