// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

/** The new version must go again; the message says why. */
final class Worse extends Exception {
    private static final long serialVersionUID = 1;

    Worse(String why) {
        super(why);
    }
}
