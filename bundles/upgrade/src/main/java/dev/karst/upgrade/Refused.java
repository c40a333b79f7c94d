// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

/** Nothing was touched; the message says why, and what to do instead. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String why) {
        super(why);
    }
}
