// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.PortAllocation.Kind;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortPredictor;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PortSituation.Observation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rules that NATs are known for. Numbers given in sequence to all hosts together go on while
 * messages travel: strangers take x of them, by Poisson's law, and then our m sockets take m in a
 * row. So the j-th next is one of ours if x is at most j - 1 and at least j - m.
 */
final class StepPredictor implements PortPredictor {
    private static final int LOWEST = 1_024;
    private static final int HIGHEST = 65_535;

    /** Where strangers are not counted yet, some must be thought of. */
    private static final double SOME = 0.5;

    private static final double LEAST = 0.001;

    @Override
    public List<PortGuess> predict(PortSituation s) {
        PortAllocation a = s.nat().allocation();
        if (s.seen().isEmpty() || s.next().isEmpty()) {
            return List.of();
        }
        Observation last = s.seen().get(s.seen().size() - 1);
        double trust = Math.max(0.5, a.confidence());
        List<PortGuess> out = new ArrayList<>();
        switch (a.kind()) {
            case PRESERVED -> s.next().forEach(p -> out.add(new PortGuess(p, trust)));
            case PRESERVING_DISTANCE -> {
                int distance = last.external() - last.local();
                s.next().forEach(p -> out.add(new PortGuess(wrap(p + distance), trust)));
            }
            case DEPENDENT_STEP -> {
                for (int i = 0; i < s.next().size(); i++) {
                    int on = s.next().get(i) - last.local();
                    if (on != i + 1) {
                        break; // the sequence ends where local ports do not follow each other
                    }
                    out.add(new PortGuess(wrap(last.external() + a.step() * on), trust));
                }
            }
            case INDEPENDENT_STEP -> inSequence(s, last, a, trust, out);
            default -> {} // no rule
        }
        return worth(out);
    }

    /** The likeliest first, each once, and none that nobody would bet on. */
    private static List<PortGuess> worth(List<PortGuess> all) {
        Set<Integer> ports = new HashSet<>();
        return all.stream()
                .filter(g -> g.weight() >= LEAST)
                .sorted(Comparator.comparingDouble(PortGuess::weight).reversed())
                .filter(g -> ports.add(g.port()))
                .limit(MOST)
                .toList();
    }

    private static void inSequence(
            PortSituation s, Observation last, PortAllocation a, double trust, List<PortGuess> to) {
        int m = s.next().size();
        double mean = Math.max(SOME, a.arrivals()) * s.delay().toNanos() / 1e9;
        int furthest = (int) Math.min(MOST, m + Math.ceil(mean + 3 * Math.sqrt(mean)));
        for (int j = 1; j <= furthest; j++) {
            double ours = atMost(j - 1, mean) - atMost(j - m - 1, mean);
            int port = wrap(last.external() + a.step() * j);
            to.add(new PortGuess(port, Math.max(0, Math.min(1, trust * ours))));
        }
    }

    /** How many sockets a burst needs to pass the port that strangers may have moved. */
    static int burst(PortAllocation a, double delay, int least, int most) {
        if (a.kind() != Kind.INDEPENDENT_STEP) {
            return least;
        }
        double mean = a.arrivals() * delay;
        int wanted = least + (int) Math.ceil(mean + 3 * Math.sqrt(mean));
        return Math.min(most, wanted);
    }

    /** The chance that a Poisson variable of that mean is at most k. */
    static double atMost(int k, double mean) {
        double term = Math.exp(-mean);
        double sum = 0;
        for (int i = 0; i <= k; i++) {
            sum += term;
            term *= mean / (i + 1);
        }
        return Math.min(1, sum);
    }

    /** Beyond the ports that NATs use they go on at the other end. */
    private static int wrap(int port) {
        int range = HIGHEST - LOWEST + 1;
        return LOWEST + Math.floorMod(port - LOWEST, range);
    }
}
