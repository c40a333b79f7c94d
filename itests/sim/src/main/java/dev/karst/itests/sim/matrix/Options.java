// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What the command line says. */
final class Options {
    static final String USAGE =
            """
            matrix [--seeds N] [--first SEED] [--nats p2pd|rfc|all] [--means all|udp|tcp|each]
                   [--named N] [--threads N] [--cell FROM,TO [--trace]] [--rough]
              --seeds   meetings of each cell (20)
              --nats    P2PD's 35 configurations, the 45 of RFC 4787, or both (all)
              --means   all: default settings; udp: no TCP strategies; tcp: UDP is blocked (each)
              --named   meetings of each named cell (1000); 0 leaves them out
              --cell    only that one, such as FULL_CONE/EQUAL,SYMMETRIC_NAT/RANDOM, told seed by seed;
                        with --trace also every packet
              --rough   loss, lost signals, busy and unfriendly boxes, carriers, both call: no goals but
                        that all connect and no byte is lost
            """;

    int seeds = 20;
    long first = 1;
    Set<Table.Kind> kinds = EnumSet.allOf(Table.Kind.class);
    Set<Means> means = EnumSet.allOf(Means.class);
    int named = 1_000;
    int threads = Runtime.getRuntime().availableProcessors();
    Optional<String> cell = Optional.empty();
    boolean trace;
    boolean rough;

    /**
     * Reads arguments.
     *
     * @throws IllegalArgumentException with the usage
     */
    static Options of(String... args) {
        Options o = new Options();
        List<String> left = new ArrayList<>(List.of(args));
        try {
            while (!left.isEmpty()) {
                o.take(left.remove(0), left);
            }
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + "\n" + USAGE, e);
        }
        return o;
    }

    private void take(String name, List<String> left) {
        switch (name) {
            case "--seeds" -> seeds = Integer.parseInt(left.remove(0));
            case "--first" -> first = Long.parseLong(left.remove(0));
            case "--nats" -> {
                String v = left.remove(0).toUpperCase(Locale.ROOT);
                if (!v.equals("ALL")) {
                    kinds = EnumSet.of(Table.Kind.valueOf(v));
                }
            }
            case "--means" -> {
                String v = left.remove(0).toUpperCase(Locale.ROOT);
                if (!v.equals("EACH")) {
                    means = EnumSet.of(Means.valueOf(v));
                }
            }
            case "--named" -> named = Integer.parseInt(left.remove(0));
            case "--threads" -> threads = Integer.parseInt(left.remove(0));
            case "--cell" -> cell = Optional.of(left.remove(0));
            case "--trace" -> trace = true;
            case "--rough" -> rough = true;
            default -> throw new IllegalArgumentException("no option " + name);
        }
    }
}
