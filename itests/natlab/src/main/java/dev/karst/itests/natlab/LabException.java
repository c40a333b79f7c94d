// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

/** Something of the lab did not work; the message is for the person who asked for it. */
public final class LabException extends RuntimeException {
    private static final long serialVersionUID = 1;

    LabException(String message) {
        super(message);
    }

    LabException(String message, Throwable cause) {
        super(message, cause);
    }
}
