// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import java.io.IOException;

/** The idea is exhausted; the message says why. */
final class NoPathException extends IOException {
    private static final long serialVersionUID = 1;

    NoPathException(String why) {
        super(why);
    }
}
