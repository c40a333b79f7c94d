// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.itests.sim.swap.Broken.Promise;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** All tales of a run, counted. Thread-safe. */
final class Tally {
    private static final int MOST_TOLD = 3;
    private static final int MOST_NAMED = 40;

    private final List<Tale> tales = Collections.synchronizedList(new ArrayList<>());
    private final Map<Long, Broken> broken = Collections.synchronizedMap(new TreeMap<>());
    private int different;

    void add(Tale t) {
        tales.add(t);
    }

    synchronized void add(long seed, Broken b) {
        broken.put(seed, b);
        String how = broken.size() > MOST_TOLD ? "" : "\n" + b.story();
        System.out.println("seed " + seed + ": " + b.promise() + ": " + b.getMessage() + how);
    }

    /** A seed was played twice, and did not go the same way. */
    synchronized void different(long seed) {
        different++;
        System.out.println("seed " + seed + " went another way the second time");
    }

    boolean ok() {
        return broken.isEmpty() && different == 0;
    }

    private long count(Promise p) {
        return broken.values().stream().filter(b -> b.promise() == p).count();
    }

    private static int of(List<Integer> sorted, double share) {
        return sorted.isEmpty() ? 0 : sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }

    private static String spread(List<Integer> values) {
        List<Integer> s = values.stream().sorted().toList();
        return String.format("%6d %6d %6d", of(s, 0.5), of(s, 0.99), of(s, 1));
    }

    private Stream<Tale> in(Weather w) {
        return tales.stream().filter(t -> t.weather() == w);
    }

    private List<Integer> each(Weather w, ToIntFunction<Tale> what) {
        return in(w).mapToInt(what).boxed().toList();
    }

    private List<Integer> pauses(Weather w) {
        return in(w).flatMap(t -> t.pausesMillis().stream()).toList();
    }

    /** One line for each weather; times are p50, p99 and the most, in milliseconds. */
    String table() {
        StringBuilder out =
                new StringBuilder(
                        """
                                   seeds  swaps faults susp.  pause of a session   silence of a\
                         stream  all back after       datagrams lost
                        """);
        for (Weather w : Weather.values()) {
            long sent = in(w).mapToLong(Tale::sent).sum();
            out.append(
                    String.format(
                            Locale.ROOT,
                            "%-9s %6d %6d %6d %5d %s %s %s  %d of %d%n",
                            w,
                            in(w).count(),
                            in(w).mapToInt(Tale::swaps).sum(),
                            in(w).mapToInt(Tale::faults).sum(),
                            in(w).mapToInt(Tale::suspended).sum(),
                            spread(pauses(w)),
                            spread(each(w, Tale::silenceMillis)),
                            spread(each(w, Tale::backMillis)),
                            in(w).mapToLong(Tale::lost).sum(),
                            sent));
        }
        return out.toString();
    }

    String result() {
        List<Integer> pauses = new ArrayList<>();
        for (Weather w : Weather.values()) {
            pauses.addAll(pauses(w));
        }
        Collections.sort(pauses);
        List<Integer> back = tales.stream().map(Tale::backMillis).sorted().toList();
        String failed = broken.keySet().stream().limit(MOST_NAMED).toList().toString();
        return String.format(
                Locale.ROOT,
                "RESULT seeds=%d failed=%d sessions_lost=%d bytes_lost=%d suspended_beside=%d swaps=%d"
                        + " faults=%d median_pause_ms=%d back_p99_ms=%d not_repeatable=%d%s",
                tales.size() + broken.size(),
                broken.size(),
                count(Promise.SESSION),
                count(Promise.BYTES),
                count(Promise.BESIDE),
                tales.stream().mapToInt(Tale::swaps).sum(),
                tales.stream().mapToInt(Tale::faults).sum(),
                of(pauses, 0.5),
                of(back, 0.99),
                different,
                broken.isEmpty() ? "" : " " + failed.replace(" ", ""));
    }
}
