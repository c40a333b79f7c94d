// SPDX-License-Identifier: Apache-2.0
package dev.karst.nat.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.nat.stun.AllocationStatistics.Judged;
import dev.karst.spi.nat.PortAllocation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AllocationStatisticsTest {
    private static final int SEEDS = 2000;

    /** A NAT in a few lines: the same rules as in the simulator, written another time. */
    private static final class Box {
        final SplittableRandom random;
        final Kind kind;
        final int step;
        final int low;
        final int high;
        final int constant;
        int last;
        int lastLocal = -2;

        Box(SplittableRandom random, Kind kind, int step, int low, int high) {
            this.random = random;
            this.kind = kind;
            this.step = step;
            this.low = low;
            this.high = high;
            constant = random.nextInt(100, 60_000);
            last = random.nextInt(low, high + 1);
        }

        int map(int local) {
            int port =
                    switch (kind) {
                        case PRESERVED -> local;
                        case PRESERVING_DISTANCE -> local + constant;
                        case INDEPENDENT_STEP -> last + step;
                        case DEPENDENT_STEP ->
                                local == lastLocal + 1
                                        ? last + step
                                        : random.nextInt(low, high + 1);
                        default -> random.nextInt(low, high + 1);
                    };
            last = low + Math.floorMod(port - low, high - low + 1);
            lastLocal = local;
            return last;
        }

        void stranger() {
            if (kind == Kind.INDEPENDENT_STEP) {
                last = low + Math.floorMod(last + step - low, high - low + 1);
            }
        }
    }

    /** Plays bursts; loses packets before and after the NAT, and lets strangers in. */
    private static List<Sample> play(Box box, int bursts, double loss, double strangers) {
        List<Sample> out = new ArrayList<>();
        SplittableRandom r = box.random;
        for (int burst = 0; burst < bursts; burst++) {
            List<Integer> locals = LocalPorts.plan(r::nextInt, 3, 5);
            int[] mapped = new int[locals.size()];
            boolean[] prompt = new boolean[locals.size()];
            for (int round = 0; round < 4; round++) {
                for (int i = 0; i < mapped.length; i++) {
                    boolean known = mapped[i] < 0;
                    if (mapped[i] > 0 && prompt[i] || known) {
                        continue;
                    }
                    if (r.nextDouble() < strangers) {
                        box.stranger();
                    }
                    if (mapped[i] == 0 && r.nextDouble() >= loss) {
                        mapped[i] = box.map(locals.get(i));
                    }
                    if (mapped[i] != 0 && r.nextDouble() >= loss) {
                        prompt[i] = round == 0;
                        out.add(new Sample(burst, i, locals.get(i), mapped[i], prompt[i]));
                        mapped[i] = -1;
                    }
                }
            }
            box.lastLocal = -2;
        }
        return out;
    }

    private static Judged untilSure(Box box, double loss, double strangers) {
        Judged j = null;
        List<Sample> all = new ArrayList<>();
        for (int burst = 0; burst < 4 && (j == null || !j.sure()); burst++) {
            for (Sample s : play(box, 1, loss, strangers)) {
                all.add(new Sample(burst, s.order(), s.local(), s.external(), s.prompt()));
            }
            j = AllocationStatistics.judge(all);
        }
        return j;
    }

    private static int[] ranges(int seed) {
        return seed % 3 == 0 ? new int[] {30_000, 34_095} : new int[] {1024, 65_535};
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void knowsEveryKindWithoutLoss(Kind kind) {
        assertEquals(0, misses(kind, 0, 0));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void knowsNearlyEveryKindAtLoss(Kind kind) {
        int misses = misses(kind, 0.1, 0);
        assertTrue(misses <= SEEDS / 100, misses + " of " + SEEDS);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
    void knowsNearlyEveryKindAmongStrangers(Kind kind) {
        int misses = misses(kind, 0.02, 0.1);
        assertTrue(misses <= SEEDS / 100, misses + " of " + SEEDS);
    }

    private static int misses(Kind kind, double loss, double strangers) {
        int misses = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            SplittableRandom r = new SplittableRandom(seed);
            int step = (r.nextBoolean() ? 1 : -1) * (1 << r.nextInt(8));
            int[] range = kind == Kind.PRESERVED ? new int[] {1, 65_535} : ranges(seed);
            Box box = new Box(r, kind, step, range[0], range[1]);
            Judged j = untilSure(box, loss, strangers);
            boolean stepped = kind == Kind.INDEPENDENT_STEP || kind == Kind.DEPENDENT_STEP;
            boolean right =
                    j.allocation().kind() == kind && j.allocation().step() == (stepped ? step : 0);
            if (!right) {
                misses++;
                if (loss == 0 && strangers == 0) {
                    System.out.println(kind + " seed " + seed + " step " + step + " gave " + j);
                }
            }
        }
        return misses;
    }

    @Test
    void aSequenceWhosePacketsOvertookEachOtherIsStillOne() {
        SplittableRandom r = new SplittableRandom(7);
        for (int step : new int[] {1, 3, -2, -100}) {
            List<Sample> samples = new ArrayList<>();
            int[] place = {1, 0, 3, 2, 5, 4, 6, 7};
            List<Integer> locals = LocalPorts.plan(r::nextInt, 3, 5);
            for (int i = 0; i < 8; i++) {
                samples.add(new Sample(0, i, locals.get(i), 40_000 + step * place[i], true));
            }
            Judged j = AllocationStatistics.judge(samples);
            assertEquals(Kind.INDEPENDENT_STEP, j.allocation().kind(), step + " " + j);
            assertEquals(step, j.allocation().step());
        }
    }

    @Test
    void tellsTheRangeItSaw() {
        Box box = new Box(new SplittableRandom(1), Kind.RANDOM, 1, 20_000, 20_999);
        var a = AllocationStatistics.judge(play(box, 3, 0, 0)).allocation();
        assertTrue(a.low() >= 20_000 && a.high() <= 20_999 && a.high() - a.low() > 500, "" + a);
    }

    @Test
    void aGapInASequenceOfOneIsNoDistance() {
        List<Sample> samples = new ArrayList<>();
        for (int i : new int[] {3, 5, 7}) {
            samples.add(new Sample(0, i, 30_000 + i, 40_000 + i, true));
        }
        Judged j = AllocationStatistics.judge(samples);
        assertTrue(j.allocation().kind() != Kind.PRESERVING_DISTANCE || !j.sure(), "" + j);
    }

    @Test
    void fewSamplesTellNothing() {
        assertEquals(Kind.UNKNOWN, AllocationStatistics.judge(List.of()).allocation().kind());
        List<Sample> two = List.of(new Sample(0, 0, 7, 7, true), new Sample(0, 1, 8, 8, true));
        assertFalse(AllocationStatistics.judge(two).sure());
    }

    @Test
    void isNotSureOfAnythingButWhatRepeats() {
        List<Sample> samples = new ArrayList<>();
        int[] external = {5000, 61_000, 33_000, 12_345, 12_346, 40_000, 22_222, 9_999};
        for (int i = 0; i < external.length; i++) {
            samples.add(new Sample(0, i, 30_000 + (i < 3 ? 97 * i : 500 + i), external[i], true));
        }
        assertEquals(Kind.RANDOM, AllocationStatistics.judge(samples).allocation().kind());
    }
}
