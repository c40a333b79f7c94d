// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import dev.karst.admin.Admin;
import dev.karst.admin.ProviderInfo;
import dev.karst.admin.ProviderInfo.Score;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Watches the new providers beside the old ones for a while. */
final class Canary {
    /** Waits that long, unless the operator ends it. */
    interface Pause {
        void millis(long time) throws Worse, InterruptedException;
    }

    private static final long LOOK_MILLIS = 500;
    private static final long EXERCISE_MILLIS = 3_000;
    private static final long REPORT_MILLIS = 5_000;

    /** A single look may meet a moment. */
    private static final int LOOKS = 3;

    private final Admin admin;
    private final Providers fresh;
    private final Providers old;
    private final boolean trial;
    private final Pause pause;
    private final Map<String, Score> freshBefore;
    private final Map<String, Score> oldBefore;
    private final Map<String, Integer> bad = new HashMap<>();
    private int most;

    /**
     * @param trial whether the new ones serve a share only, and can be exercised
     */
    Canary(Admin admin, Providers fresh, Providers old, boolean trial, Pause pause) {
        this.admin = admin;
        this.fresh = fresh;
        this.old = old;
        this.trial = trial;
        this.pause = pause;
        this.freshBefore = scores(fresh);
        this.oldBefore = scores(old);
    }

    private static Map<String, Score> scores(Providers of) {
        Map<String, Score> out = new HashMap<>();
        of.now().forEach(p -> out.merge(Providers.name(p), p.score(), Canary::sum));
        return out;
    }

    private static Score sum(Score a, Score b) {
        return new Score(
                a.succeeded() + b.succeeded(),
                a.failed() + b.failed(),
                a.roundTrip().compareTo(b.roundTrip()) > 0 ? a.roundTrip() : b.roundTrip());
    }

    /**
     * Watches to the end.
     *
     * @param now told often
     * @return what it came to
     * @throws Worse as soon as that is clear
     */
    String watch(Duration time, Consumer<String> now) throws Worse, InterruptedException {
        long start = Outside.millis();
        long end = start + time.toMillis();
        long exercise = start;
        long report = start + REPORT_MILLIS;
        for (long t = start; t < end; t = Outside.millis()) {
            if (trial && t >= exercise) {
                most = Math.max(most, admin.exercise());
                exercise = t + EXERCISE_MILLIS;
            }
            pause.millis(Math.min(LOOK_MILLIS, end - t));
            Map<String, Evidence> evidence = look();
            judge(evidence);
            if (Outside.millis() >= report) {
                report += REPORT_MILLIS;
                long left = Math.max(0, end - Outside.millis() + 500) / 1000;
                now.accept("canary: " + text(evidence) + ", " + left + " s left");
            }
        }
        return "canary: " + conclusion(look());
    }

    private Map<String, Evidence> look() {
        Map<String, Score> oldNow = scores(old);
        Map<String, Integer> oldPaths = new HashMap<>();
        old.now().forEach(p -> oldPaths.merge(Providers.name(p), paths(p), Integer::sum));
        Map<String, Evidence> out = new HashMap<>();
        for (String name : freshBefore.keySet()) {
            out.put(name, evidence(name, oldNow.get(name), oldPaths.getOrDefault(name, 0)));
        }
        return out;
    }

    private Evidence evidence(String name, Score oldNow, int oldPaths) {
        Score zero = new Score(0, 0, Duration.ZERO);
        Score life = oldNow == null ? zero : oldNow;
        String state = "";
        Score score = zero;
        int paths = 0;
        for (ProviderInfo p : fresh.now()) {
            if (Providers.name(p).equals(name)) {
                state = state.equals("quarantined") ? state : p.state();
                score = sum(score, p.score());
                paths += paths(p);
            }
        }
        return new Evidence(
                score.since(freshBefore.get(name)),
                life.since(oldBefore.getOrDefault(name, zero)),
                life,
                paths,
                oldPaths,
                state);
    }

    private static int paths(ProviderInfo p) {
        return p.holds().size();
    }

    private void judge(Map<String, Evidence> evidence) throws Worse {
        for (Map.Entry<String, Evidence> e : evidence.entrySet()) {
            Optional<String> why = Judge.worse(e.getValue());
            int looks = why.isEmpty() ? 0 : bad.getOrDefault(e.getKey(), 0) + 1;
            bad.put(e.getKey(), looks);
            if (looks >= LOOKS) {
                throw new Worse("the new " + e.getKey() + " is worse: " + why.get());
            }
        }
    }

    private String conclusion(Map<String, Evidence> evidence) {
        String text = text(evidence);
        if (evidence.values().stream().allMatch(Judge::enough)) {
            return text;
        }
        String few = trial && most == 0 ? "no peer of the share was connected" : "few tries";
        return text + "; " + few + ", so little is proven";
    }

    private static String text(Map<String, Evidence> evidence) {
        List<String> out = new ArrayList<>();
        evidence.forEach((name, e) -> out.add(evidence.size() == 1 ? of(e) : name + " " + of(e)));
        return String.join("; ", out);
    }

    private static String of(Evidence e) {
        Score ref = e.reference();
        String out = count(e.fresh()) + " succeeded against " + count(ref);
        if (e.fresh().roundTrip().isZero() || e.old().roundTrip().isZero()) {
            return out;
        }
        return out
                + ", "
                + e.fresh().roundTrip().toMillis()
                + " ms against "
                + e.old().roundTrip().toMillis()
                + " ms";
    }

    private static String count(Score s) {
        return s.succeeded() + " of " + s.tried();
    }
}
