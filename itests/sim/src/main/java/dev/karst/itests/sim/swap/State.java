// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.ConnectReport;
import dev.karst.Peer;
import dev.karst.admin.ProviderInfo;

/** How things stand at a site, for people. */
final class State {
    private State() {}

    static String of(Site s) {
        StringBuilder out = new StringBuilder(s.host().name());
        out.append(", sockets ").append(s.host().openSockets());
        line(out, s.node().counters().snapshot());
        for (Peer p : s.node().node().peers()) {
            line(out, p);
            p.pipes().forEach(pipe -> line(out, pipe));
            p.paths().forEach(path -> line(out, path));
            report(out, s.node().node().report(p.id()));
        }
        for (ProviderInfo i : s.node().node().admin().providers()) {
            if (!i.state().equals("active") || !i.holds().isEmpty() || !i.errors().isEmpty()) {
                line(out, i.ref() + " " + i.state() + " " + i.holds() + " " + i.errors());
            }
        }
        return out.toString();
    }

    private static void report(StringBuilder out, ConnectReport r) {
        line(out, "last search at " + r.started() + ": " + r.verdict());
        for (ConnectReport.Attempt t : r.attempts()) {
            line(
                    out,
                    "  +"
                            + t.began().toMillis()
                            + " ms "
                            + t.strategy()
                            + " for "
                            + t.took().toMillis()
                            + " ms "
                            + t.outcome());
            t.evidence().forEach(e -> line(out, "    " + e));
        }
    }

    private static void line(StringBuilder out, Object what) {
        out.append("\n  ").append(what);
    }
}
