// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The short form of {@code itests/run natlab matrix}: its most common pair. */
class MatrixTest {
    private static final String NAME = Labs.name("x");
    private Lab lab;
    private TreeSet<String> devices;

    @BeforeEach
    void up() throws Exception {
        Labs.needed();
        Optional<String> missing = Nodes.missing();
        if (missing.isPresent() && Need.required()) {
            fail("KARST_NATLAB=required, but " + missing.get());
        }
        Assumptions.assumeTrue(missing.isEmpty(), () -> missing.get());
        devices = Labs.devices();
        List<String> sites = new ArrayList<>(MatrixNode.sites(MatrixKind.MASQUERADE, "a"));
        sites.addAll(MatrixNode.sites(MatrixKind.MASQUERADE, "b"));
        lab = Lab.up(Labs.PREFIX, NAME, sites);
    }

    @AfterEach
    void down() throws Exception {
        if (lab != null) {
            lab.down();
            assertTrue(Labs.left(NAME, devices).isEmpty());
        }
    }

    @Test
    void nodesBehindMasqueradingRoutersMeetDirectly() throws Exception {
        Nodes nodes = Nodes.of(lab);
        nodes.broker();
        MatrixNode a = new MatrixNode(lab, nodes, MatrixKind.MASQUERADE, "a");
        MatrixNode b = new MatrixNode(lab, nodes, MatrixKind.MASQUERADE, "b");
        a.await();
        b.await();
        MatrixCell cell = new MatrixCell(a, b);
        MatrixCell.Result r = cell.run(1);
        assertEquals(Optional.empty(), r.failure(), () -> String.join("\n", cell.log()));
        assertTrue(r.ok(), () -> r + "\n" + String.join("\n", cell.log()));
    }

    /** What RFC 4787 says of some pairs, the same from both sides. */
    @Test
    void whoCanMeetDirectly() {
        assertTrue(MatrixKind.direct(MatrixKind.MASQUERADE, MatrixKind.CGNAT));
        assertTrue(MatrixKind.direct(MatrixKind.RANDOM, MatrixKind.ADF));
        assertFalse(MatrixKind.direct(MatrixKind.RANDOM, MatrixKind.APDF));
        assertTrue(MatrixKind.direct(MatrixKind.NO_UDP, MatrixKind.RST));
        assertFalse(MatrixKind.direct(MatrixKind.NO_UDP, MatrixKind.EIF));
        assertTrue(MatrixKind.direct(MatrixKind.V6, MatrixKind.V6));
        for (MatrixKind a : MatrixKind.values()) {
            assertTrue(MatrixKind.direct(a, MatrixKind.NONE));
            for (MatrixKind b : MatrixKind.values()) {
                assertEquals(MatrixKind.direct(a, b), MatrixKind.direct(b, a));
            }
        }
    }
}
