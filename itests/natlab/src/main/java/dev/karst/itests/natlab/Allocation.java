// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

/**
 * How the external port of a new mapping is chosen (RFC 4787, section 4.2).
 *
 * @param step of {@link Way#SEQUENTIAL}, {@link Way#COMMON} and {@link Way#DEPENDENT}, may be
 *     negative; else 0
 */
public record Allocation(Way way, int step) {

    /** The ways. */
    public enum Way {
        /** The inside port if it is free. */
        PRESERVE("preserve"),
        /** Any. */
        RANDOM("random"),
        /** Any within a small range. */
        RANGE("range"),
        /** The last one plus a step, whoever asks; UDP and TCP each for itself. */
        SEQUENTIAL("seq"),
        /** The same, UDP and TCP together; kernel only. */
        COMMON("cseq"),
        /** Any that is as odd or even as the inside port; userspace only. */
        PARITY("parity"),
        /** The inside port, always: taken from whoever has it; userspace only. */
        STEAL("steal"),
        /** External ports are as far apart as inside ports; userspace only. */
        DISTANCE("distance"),
        /**
         * After the inside port that follows the last one, the last one plus a step; else any;
         * userspace only.
         */
        DEPENDENT("dep");

        final String word;

        Way(String word) {
            this.word = word;
        }
    }

    static Allocation of(Way way) {
        return new Allocation(way, 0);
    }

    boolean stepped() {
        return way == Way.SEQUENTIAL || way == Way.COMMON || way == Way.DEPENDENT;
    }

    @Override
    public String toString() {
        return stepped() ? way.word + step : way.word;
    }
}
