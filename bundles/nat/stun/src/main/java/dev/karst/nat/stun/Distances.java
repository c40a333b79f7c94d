// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Looks for external = local + constant, modulo a range of ports that is not known. */
final class Distances {
    private static final int SMALLEST_RANGE = 512;
    private static final int MOST_WRAPS = 16;
    private static final int NO_RANGE = 1 << 20;

    private final List<Sample> samples;
    private final int spread;
    private int matched;
    private int groups;
    private boolean wrapped;

    Distances(List<Sample> samples) {
        this.samples = samples;
        int low = samples.stream().mapToInt(Sample::external).min().orElse(0);
        int high = samples.stream().mapToInt(Sample::external).max().orElse(0);
        spread = high - low;
        search();
    }

    /** How many samples the best constant explains. */
    int matched() {
        return matched;
    }

    /** Among them, how many that are not consecutive: those alone tell more than a sequence. */
    int groups() {
        return groups;
    }

    /** Whether the constant holds only modulo a range, which is one thing more to be fitted. */
    boolean wrapped() {
        return wrapped;
    }

    private static int distance(Sample s) {
        return s.external() - s.local();
    }

    private void search() {
        Set<Integer> ranges = new HashSet<>();
        for (Sample a : samples) {
            for (Sample b : samples) {
                int d = distance(a) - distance(b);
                for (int q = 1; d > 0 && q <= MOST_WRAPS; q++) {
                    if (d % q == 0 && d / q > spread && d / q >= SMALLEST_RANGE) {
                        ranges.add(d / q);
                    }
                }
            }
        }
        for (Sample base : samples) {
            count(distance(base), NO_RANGE);
        }
        for (int range : ranges) {
            for (Sample base : samples) {
                count(distance(base), range);
            }
        }
    }

    private void count(int distance, int range) {
        List<Sample> fit = new ArrayList<>();
        for (Sample s : samples) {
            if ((distance(s) - distance) % range == 0) {
                fit.add(s);
            }
        }
        int apart = groups(fit);
        if (apart > groups || apart == groups && fit.size() > matched) {
            groups = apart;
            matched = fit.size();
            wrapped = range != NO_RANGE;
        }
    }

    private static int groups(List<Sample> fit) {
        int[] locals = fit.stream().mapToInt(Sample::local).sorted().toArray();
        int out = 0;
        for (int i = 0; i < locals.length; i++) {
            out += i == 0 || locals[i] - locals[i - 1] >= LocalPorts.APART ? 1 : 0;
        }
        return out;
    }
}
