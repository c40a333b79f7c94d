// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One cell of a hundred of {@code itests/run matrix}, always the same ones. */
class MatrixTest {
    private static final int EVERY = 97;

    private static final Logger LOG = Logger.getLogger("dev.karst");

    @BeforeAll
    static void quiet() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void loud() {
        LOG.setLevel(null);
    }

    @Test
    void whoeverCanMeetDoesByDefault() {
        sample(Means.ALL, 95);
    }

    @Test
    void whoeverCanMeetDoesByUdp() {
        sample(Means.UDP, 85);
    }

    @Test
    void whoeverCanMeetDoesByTcp() {
        sample(Means.TCP, 85);
    }

    /** One side ignored the other's offer for its own, to which all answers then were lost. */
    @Test
    void whoCallsAtOnceMeetsAlthoughSignalsAreLost() {
        Table t = new Table(Table.Kind.P2PD, Means.ALL, true);
        for (int i = 0; i < t.cells().size(); i++) {
            Cell c = t.cells().get(i);
            if (c.from().name().equals("SYMMETRIC_UDP_FIREWALL/DEPENDENT")
                    && c.to().name().equals("RESTRICT_PORT_NAT/PRESERV")) {
                Outcome o = t.meeting(i, 2).play();
                assertTrue(o.connected(), o.toString());
            }
        }
    }

    @Test
    void aSeedTellsEverything() {
        Meeting m = new Table(Table.Kind.P2PD, Means.ALL, false).meeting(29 * 35 + 22, 5);
        assertEquals(m.play(), m.play());
    }

    /**
     * @param least percent that are direct
     */
    private static void sample(Means means, int least) {
        int played = 0;
        int direct = 0;
        List<String> relayed = new ArrayList<>();
        for (Table.Kind k : Table.Kind.values()) {
            Table t = new Table(k, means, false);
            for (int i = k.ordinal(); i < t.cells().size(); i += EVERY) {
                Outcome o = t.meeting(i, i).play();
                String what =
                        t.cells().get(i).from() + "," + t.cells().get(i).to() + " seed " + o.seed();
                assertTrue(o.connected(), what + ": " + o.why());
                assertEquals(List.of(), o.lost(), what);
                played++;
                if (o.isDirect()) {
                    direct++;
                } else {
                    relayed.add(what + " " + o.first() + " ms");
                    assertFalse(o.why().isBlank(), what);
                    assertFalse(o.late(), what + ": " + o);
                }
            }
        }
        assertTrue(100 * direct >= least * played, direct + " of " + played + ": " + relayed);
    }
}
