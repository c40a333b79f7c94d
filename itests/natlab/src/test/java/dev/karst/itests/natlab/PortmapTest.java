// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The short form of {@code itests/run natlab portmap}. */
class PortmapTest {
    private static final String NAME = Labs.name("m");
    private Lab lab;
    private TreeSet<String> devices;

    @BeforeEach
    void up() throws Exception {
        Labs.needed();
        for (Optional<String> missing : List.of(Miniupnpd.missing(), Nodes.missing())) {
            if (missing.isPresent() && Need.required()) {
                fail("KARST_NATLAB=required, but " + missing.get());
            }
            Assumptions.assumeTrue(missing.isEmpty(), () -> missing.get());
        }
        devices = Labs.devices();
        lab = Lab.up(Labs.PREFIX, NAME, List.of("u=symmetric", "p=symmetric"));
    }

    @AfterEach
    void down() throws Exception {
        if (lab != null) {
            lab.down();
            assertTrue(Labs.left(NAME, devices).isEmpty());
        }
    }

    @Test
    void portsAreOpenedReachedAndClosed() {
        Nodes nodes = Nodes.of(lab);
        List<PortmapWay> ways =
                List.of(
                        new PortmapWay(PortmapWay.Kind.UPNP, lab, nodes),
                        new PortmapWay(PortmapWay.Kind.PCP, lab, nodes));
        ways.forEach(PortmapWay::map); // fails unless servers get through
        ways.forEach(PortmapWay::stopped); // fails unless the routers are empty
        ways.forEach(w -> assertFalse(PortmapNode.reaches(lab, w.outside, 100)));
    }
}
