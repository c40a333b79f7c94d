// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nattable;

/** How a {@link StunHost} treats those who ask. */
public enum Manner {
    HONEST,
    /** Nobody is there. */
    DEAD,
    /** Tells everybody the same wrong address. */
    WRONG_ADDRESS,
    /** Tells another wrong address each time. */
    RANDOM_ADDRESS,
    /** Tells the right address and a wrong port, another each time. */
    RANDOM_PORT,
    /** When asked to answer from elsewhere, answers from where it was asked. */
    PRETENDS,
    /** When asked to answer from elsewhere, is silent. */
    MUTE_CHANGE,
    /** Says that a third party is its other address. */
    THIRD_PARTY,
    /** Says that the asker himself is its other address. */
    YOURSELF,
    /** Answers a hundred times, and with noise. */
    FLOOD,
    /** Answers are right but 40 KiB long. */
    GIANT,
    /** Answers break off in the middle. */
    TRUNCATED,
    /** Answers with another transaction id. */
    WRONG_ID,
    /** Before each answer comes a wrong one, as if from the server that was asked least. */
    FORGED_SOURCE,
    /** Answers with an error. */
    ERROR
}
