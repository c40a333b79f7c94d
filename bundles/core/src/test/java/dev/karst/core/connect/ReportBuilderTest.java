// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.ConnectReport;
import dev.karst.ConnectReport.Attempt;
import dev.karst.ConnectReport.Outcome;
import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.PeerId;
import dev.karst.core.Counters;
import dev.karst.core.world.RealWorld;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReportBuilderTest {
    private final RealWorld world = new RealWorld(new Counters());

    @AfterEach
    void close() {
        world.close();
    }

    private ReportBuilder effort(boolean relay, ReportBuilder before) {
        ReportBuilder r = new ReportBuilder(world, PeerId.of(new byte[PeerId.SIZE]), relay);
        r.follows(before);
        return r;
    }

    private static List<String> strategies(ConnectReport r) {
        return r.attempts().stream().map(Attempt::strategy).toList();
    }

    private ReportBuilder relayed(ReportBuilder before) {
        ReportBuilder r = effort(true, before);
        r.line("udppunch").relayed();
        r.won("udppunch");
        return r;
    }

    @Test
    void searchingForABetterPathHidesNotHowTheRelayedOneCame() {
        ReportBuilder first = relayed(null);
        String by = first.build().verdict();
        assertTrue(by.startsWith("connected by udppunch through a relay: "), by);

        ReportBuilder search = effort(false, first);
        search.line("predict").end(Outcome.FAILED);
        ConnectReport running = search.build();
        assertEquals(by, running.verdict());
        assertEquals(List.of("udppunch", "predict"), strategies(running));
        assertEquals(first.build().took(), running.took());
        assertEquals(first.build().started(), running.started());

        search.failed(new KarstException(Code.TIMEOUT, "no path within 20 s"));
        String stays = search.build().verdict();
        assertTrue(stays.startsWith("connected through a relay, and no direct path"), stays);

        ReportBuilder again = effort(false, search);
        again.line("direct");
        again.won("direct");
        ConnectReport direct = again.build();
        assertTrue(direct.verdict().startsWith("connected by direct: "), direct.verdict());
        assertEquals("", direct.advice());
        assertEquals(List.of("udppunch", "direct"), strategies(direct));
        assertTrue(direct.attempts().get(1).began().compareTo(running.took()) >= 0);
    }

    @Test
    void anEffortAfterAnEndedPathBeginsAnew() {
        ReportBuilder r = relayed(relayed(null));
        assertEquals(List.of("udppunch"), strategies(r.build()));
    }

    @Test
    void aRelayedPathOfThePeersEffortIsNoSecret() {
        ReportBuilder search = effort(false, null);
        assertTrue(search.build().verdict().contains("through a relay; looking for a direct"));
    }
}
