// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nattable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.sim.nat.NatConfig;
import dev.karst.itests.sim.nattable.NatCase.Outcome;
import dev.karst.itests.sim.nattable.NatCase.Terms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three servers, one of them bad. */
class HostileServersTest {
    private static final int SEEDS = 3;

    /** Packets that a third party may get because a server named it. */
    private static final int MOST_ABUSE = 4;

    private static Terms terms(long seed, Manner bad) {
        Manner[] manners = {Manner.HONEST, Manner.HONEST, Manner.HONEST};
        manners[(int) (seed % manners.length)] = bad;
        return Terms.of(0).withManners(manners).withFull(3);
    }

    /** One kind of NAT in seven: the others take time only. */
    private static List<NatConfig> some(long seed) {
        List<NatConfig> all = NatTable.configs(seed);
        List<NatConfig> out = new ArrayList<>();
        for (int i = (int) seed; i < all.size(); i += 7) {
            out.add(all.get(i));
        }
        return out;
    }

    @ParameterizedTest
    @EnumSource(Manner.class)
    void oneBadServerOfThreeChangesNoVerdict(Manner bad) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            for (NatConfig config : some(seed)) {
                String what = bad + ", " + config + ", seed " + seed;
                NatCase world = new NatCase(seed, config.policy(), terms(seed, bad));
                Outcome o = world.play();
                assertNull(o.failure(), what);
                assertEquals("", Expected.udp(config.udp()).miss(o.first().udp()), what);
                assertEquals("", Expected.tcp(config.tcp()).miss(o.last().tcp()), what);
                assertTrue(world.abuse() <= MOST_ABUSE, what + ": " + world.abuse());
                assertTrue(o.packets() <= 65, what + ": " + o.packets());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Manner.class)
    void anEndComesWhateverAllServersDo(Manner bad) {
        for (NatConfig config : some(1)) {
            Manner[] all = new Manner[3];
            Arrays.fill(all, bad);
            Terms terms = Terms.of(0).withManners(all).withFull(3);
            Outcome o = new NatCase(1, config.policy(), terms).play();
            assertTrue(o.nanos() < 6e9, bad + " " + config + ": " + o.nanos() / 1e9 + " s");
        }
    }

    @Test
    void countsWhatItDrops() {
        List<Manner> loud = List.of(Manner.FLOOD, Manner.GIANT, Manner.TRUNCATED, Manner.WRONG_ID);
        for (Manner bad : loud) {
            NatConfig config = NatTable.configs(1).get(10);
            NatCase world = new NatCase(1, config.policy(), terms(1, bad));
            world.play();
            assertTrue(
                    world.host().counters().keySet().stream().anyMatch(c -> c.startsWith("nat.")),
                    bad + " " + world.host().counters());
        }
    }
}
