// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

/** Bytes from the peer that the format does not allow. */
final class WireException extends Exception {
    private static final long serialVersionUID = 1;

    WireException(String message) {
        super(message, null, false, false); // thrown for network input: keep it cheap
    }
}
