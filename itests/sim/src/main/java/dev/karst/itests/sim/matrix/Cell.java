// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import dev.karst.itests.sim.nat.NatConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/** All meetings of one ordered pair of NATs. */
final class Cell {
    /** Percent of the seeds that have to be direct, or not to be, for the cell to be called so. */
    private static final int CLEAR = 90;

    private static final Map<String, Character> LETTERS =
            Map.of(
                    "direct",
                    'D',
                    "reverse",
                    'R',
                    "tcppunch",
                    'T',
                    "udppunch",
                    'U',
                    "predict",
                    'P',
                    Outcome.RELAY,
                    '-');

    private final NatConfig from;
    private final NatConfig to;
    private final List<Outcome> outcomes = new ArrayList<>();

    Cell(NatConfig from, NatConfig to) {
        this.from = from;
        this.to = to;
    }

    NatConfig from() {
        return from;
    }

    NatConfig to() {
        return to;
    }

    synchronized void add(Outcome o) {
        outcomes.add(o);
    }

    synchronized List<Outcome> outcomes() {
        return outcomes.stream().sorted(Comparator.comparingLong(Outcome::seed)).toList();
    }

    int count(Predicate<Outcome> which) {
        return (int) outcomes().stream().filter(which).count();
    }

    int direct() {
        return count(Outcome::isDirect);
    }

    int relayed() {
        return count(o -> o.connected() && !o.isDirect());
    }

    int failed() {
        return count(o -> !o.connected());
    }

    int lost() {
        return count(o -> !o.lost().isEmpty());
    }

    /** Whether nearly all seeds are direct. */
    boolean isDirect() {
        return !outcomes().isEmpty() && 100 * direct() >= CLEAR * outcomes().size();
    }

    /** Seeds by what carried them in the end. */
    Map<String, Integer> ways() {
        Map<String, Integer> out = new TreeMap<>();
        outcomes().forEach(o -> out.merge(o.connected() ? o.by() : "failed", 1, Integer::sum));
        return out;
    }

    /** How it went, in one character. */
    char letter() {
        if (lost() > 0) {
            return '!';
        }
        if (failed() > 0) {
            return 'x';
        }
        if (!isDirect() && direct() > 0) {
            return '~';
        }
        String most =
                ways().entrySet().stream()
                        .max(Map.Entry.comparingByValue())
                        .map(Map.Entry::getKey)
                        .orElse("");
        return LETTERS.getOrDefault(most, '?');
    }

    /** The time that such a part of the seeds had at most, of those that have one. */
    int time(ToIntFunction<Outcome> which, double part) {
        return Percentiles.of(outcomes().stream().mapToInt(which)).at(part);
    }

    /** Of those that are not what they should be the first, else of those that are relayed. */
    Optional<Outcome> remarkable() {
        List<Predicate<Outcome>> order =
                List.of(
                        o -> !o.lost().isEmpty(),
                        o -> !o.connected(),
                        o -> !o.isDirect() && o.late(),
                        o -> !o.isDirect());
        return order.stream().flatMap(p -> outcomes().stream().filter(p).limit(1)).findFirst();
    }
}
