// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.util.Optional;

/**
 * What came of decoding: a message, or why there is none. One of them is present.
 *
 * @param message the message; its attributes' values are checked when they are asked for
 * @param problem why there is none
 */
public record StunDecoded(Optional<StunMessage> message, Optional<StunProblem> problem) {
    static StunDecoded of(StunMessage message) {
        return new StunDecoded(Optional.of(message), Optional.empty());
    }

    static StunDecoded no(StunProblem problem) {
        return new StunDecoded(Optional.empty(), Optional.of(problem));
    }
}
