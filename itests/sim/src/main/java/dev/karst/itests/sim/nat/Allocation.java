// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

/**
 * How a box picks the external port of a new mapping (RFC 4787 section 4.2).
 *
 * @param kind the rule
 * @param step of the two sequential rules; may be negative, never 0
 * @param clash what to do when that port is taken
 * @param sharing whether mappings may have the same external port while their destinations differ
 * @param parity whether an even port gets an even one and an odd an odd one
 * @param lo the lowest external port
 * @param hi the highest
 */
public record Allocation(
        Kind kind, int step, Clash clash, Sharing sharing, boolean parity, int lo, int hi) {
    /** The rule. */
    public enum Kind {
        /** The external port is the internal one. */
        PRESERVE,
        /** External = internal + a constant that the box picked when it started. */
        PRESERVE_DISTANCE,
        /** External = the last external port given to anyone + step. */
        INDEPENDENT_STEP,
        /**
         * If the internal port is one above that of the host's latest mapping, external = external
         * port of that + step; else a random one.
         */
        DEPENDENT_STEP,
        RANDOM
    }

    /** When the port of the rule is taken. */
    public enum Clash {
        /** The next that is free: by {@code step} for the sequential rules, else by one. */
        NEXT,
        /** A random one that is free. */
        RANDOM,
        /** That port all the same: the mapping that had it is gone. */
        STEAL,
        /** None: the packet is dropped. */
        REFUSE
    }

    /** Who may share an external port; packets from outside are told apart by where from. */
    public enum Sharing {
        NONE,
        /** Mappings of one internal endpoint: a symmetric NAT that looks EIM until ports clash. */
        SAME_ENDPOINT,
        /** Any ("port overloading"); with EIM mapping that is what Linux does. */
        ANY
    }

    public Allocation {
        if (lo < 1 || hi > 65535 || lo > hi) {
            throw new IllegalArgumentException("ports " + lo + ".." + hi);
        }
        if (step == 0) {
            throw new IllegalArgumentException("step 0");
        }
    }

    private static Allocation of(Kind kind, int step) {
        return new Allocation(kind, step, Clash.NEXT, Sharing.NONE, false, 1024, 65535);
    }

    public static Allocation preserve() {
        return of(Kind.PRESERVE, 1);
    }

    public static Allocation preserveDistance() {
        return of(Kind.PRESERVE_DISTANCE, 1);
    }

    /** One after the other, for all hosts together. */
    public static Allocation independent(int step) {
        return of(Kind.INDEPENDENT_STEP, step);
    }

    /** One after the other, for local ports that follow each other. */
    public static Allocation dependent(int step) {
        return of(Kind.DEPENDENT_STEP, step);
    }

    public static Allocation random() {
        return of(Kind.RANDOM, 1);
    }

    public Allocation withClash(Clash c) {
        return new Allocation(kind, step, c, sharing, parity, lo, hi);
    }

    public Allocation withSharing(Sharing s) {
        return new Allocation(kind, step, clash, s, parity, lo, hi);
    }

    public Allocation withParity() {
        return new Allocation(kind, step, clash, sharing, true, lo, hi);
    }

    public Allocation withRange(int from, int to) {
        return new Allocation(kind, step, clash, sharing, parity, from, to);
    }

    @Override
    public String toString() {
        boolean stepped = kind == Kind.INDEPENDENT_STEP || kind == Kind.DEPENDENT_STEP;
        return kind + (stepped ? "(" + step + ")" : "");
    }
}
