// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nattable;

import dev.karst.itests.sim.nat.Dependence;
import dev.karst.itests.sim.nat.Seen;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.nat.Translation;

/** What can be seen of a box, in the words of the detector. */
record Expected(Behavior mapping, Behavior filtering, Kind kind, int step) {
    static Expected udp(Seen seen) {
        if (!seen.passes()) {
            return new Expected(Behavior.BLOCKED, Behavior.BLOCKED, Kind.UNKNOWN, 0);
        }
        Behavior filtering =
                seen.filtering() == Dependence.NONE
                        ? Behavior.ENDPOINT_INDEPENDENT
                        : Behavior.valueOf(seen.filtering().name());
        Kind kind =
                seen.allocation()
                        .map(
                                a ->
                                        switch (a) {
                                            case PRESERVE -> Kind.PRESERVED;
                                            case PRESERVE_DISTANCE -> Kind.PRESERVING_DISTANCE;
                                            case INDEPENDENT_STEP -> Kind.INDEPENDENT_STEP;
                                            case DEPENDENT_STEP -> Kind.DEPENDENT_STEP;
                                            case RANDOM -> Kind.RANDOM;
                                        })
                        .orElse(Kind.UNKNOWN);
        return new Expected(Behavior.valueOf(seen.mapping().name()), filtering, kind, seen.step());
    }

    /** No server connects back, so filtering of TCP stays unknown. */
    static Expected tcp(Seen seen) {
        Expected e = udp(seen);
        return new Expected(e.mapping, Behavior.UNKNOWN, e.kind, e.step);
    }

    /** What is wrong, empty if nothing is. */
    String miss(Translation seen) {
        StringBuilder out = new StringBuilder();
        differ(out, mapping, seen.mapping());
        differ(out, filtering, seen.filtering());
        differ(out, kind, seen.allocation().kind());
        if (kind == seen.allocation().kind()) {
            differ(out, step, seen.allocation().step());
        }
        return out.toString().trim();
    }

    private static void differ(StringBuilder out, Object wanted, Object seen) {
        if (!wanted.equals(seen)) {
            out.append(' ').append(wanted).append("->").append(seen);
        }
    }
}
