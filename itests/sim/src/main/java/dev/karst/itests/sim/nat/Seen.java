// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import java.util.Optional;

/**
 * What an ideal observer on the outside, helped by an inside host, learns of a box for one
 * protocol, while no ports clash.
 *
 * @param passes false = the protocol does not get through, and the rest is NONE and empty
 * @param mapping NONE = addresses are not translated
 * @param filtering of unsolicited packets
 * @param allocation the rule by which ports are picked; empty = nothing is translated
 * @param step of a sequential rule, else 0
 */
public record Seen(
        boolean passes,
        Dependence mapping,
        Dependence filtering,
        Optional<Allocation.Kind> allocation,
        int step) {
    /** Nothing gets through. */
    public static Seen blocked() {
        return new Seen(false, Dependence.NONE, Dependence.NONE, Optional.empty(), 0);
    }

    /** What the rules say is what is seen. */
    static Seen of(NatPolicy.Rules r) {
        Allocation a = r.allocation();
        boolean sequence =
                a.kind() == Allocation.Kind.INDEPENDENT_STEP
                        || a.kind() == Allocation.Kind.DEPENDENT_STEP;
        return r.mapping() == Dependence.NONE
                ? new Seen(true, Dependence.NONE, r.filtering(), Optional.empty(), 0)
                : new Seen(
                        true,
                        r.mapping(),
                        r.filtering(),
                        Optional.of(a.kind()),
                        sequence ? a.step() : 0);
    }

    Seen withMapping(Dependence d) {
        return new Seen(passes, d, filtering, allocation, step);
    }

    @Override
    public String toString() {
        if (!passes) {
            return "blocked";
        }
        String rule = allocation.map(a -> a + (step == 0 ? "" : "(" + step + ")")).orElse("-");
        return mapping + "/" + filtering + "/" + rule;
    }
}
