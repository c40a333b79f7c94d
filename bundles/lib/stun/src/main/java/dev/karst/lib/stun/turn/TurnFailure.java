// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn;

/**
 * Why a relay does not serve.
 *
 * @param code of STUN; 0 if it did not answer
 * @param text for people
 */
public record TurnFailure(int code, String text) {
    /** No answer. */
    static final TurnFailure SILENT = new TurnFailure(0, "no answer");

    /** Whether another local port may help: the relay still knows this one from before. */
    public boolean mismatch() {
        return code == 437;
    }
}
