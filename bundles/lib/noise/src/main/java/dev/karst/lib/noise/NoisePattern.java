// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.util.List;

/** Handshake patterns of Noise revision 34, sections 7.4 and 7.5. */
public enum NoisePattern {
    /** The initiator knows the responder's static key. */
    IK(
            true,
            List.of(
                    List.of(Token.E, Token.ES, Token.S, Token.SS),
                    List.of(Token.E, Token.EE, Token.SE))),
    /** Static keys are exchanged, hidden from passive listeners. */
    XX(
            false,
            List.of(
                    List.of(Token.E),
                    List.of(Token.E, Token.EE, Token.S, Token.ES),
                    List.of(Token.S, Token.SE))),
    /** One way: a single message to a known static key, the sender authenticated. */
    X(true, List.of(List.of(Token.E, Token.ES, Token.S, Token.SS)));

    /** What a message is made of, in order. */
    enum Token {
        E,
        S,
        EE,
        ES,
        SE,
        SS
    }

    private final boolean responderKnown;
    private final List<List<Token>> messages;

    NoisePattern(boolean responderKnown, List<List<Token>> messages) {
        this.responderKnown = responderKnown;
        this.messages = messages;
    }

    /** Whether the responder's static key is a pre-message. */
    public boolean responderKnown() {
        return responderKnown;
    }

    /** Messages from the initiator are the even ones. */
    List<List<Token>> messages() {
        return messages;
    }
}
