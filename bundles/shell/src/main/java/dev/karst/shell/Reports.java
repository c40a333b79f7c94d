// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.ConnectReport;
import dev.karst.IpAddresses;
import dev.karst.NatInfo;
import dev.karst.NodeEvent;
import dev.karst.PathInfo;
import dev.karst.PortInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reports and events in lines. */
final class Reports {
    private Reports() {}

    static List<String> lines(ConnectReport r) {
        List<String> out = new ArrayList<>();
        out.add("peer     " + r.peer());
        if (r.attempts().isEmpty() && r.verdict().isEmpty()) {
            out.add("verdict  nothing was tried: karst:connect tries");
            return out;
        }
        out.add("started  " + r.started() + ", took " + Text.duration(r.took()));
        for (ConnectReport.Attempt a : r.attempts()) {
            out.add("");
            out.add(line(a));
            a.evidence().forEach(e -> out.add("    " + Text.safe(e)));
        }
        out.add("");
        out.add("verdict  " + Text.safe(r.verdict()));
        if (!r.advice().isEmpty()) {
            out.add("advice   " + Text.safe(r.advice()));
        }
        return out;
    }

    /** For {@link Json}: names stay, new ones may come; times are milliseconds. */
    static Map<String, Object> values(ConnectReport r) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("peer", r.peer().toString());
        out.put("started", r.started().toString());
        out.put("tookMs", r.took().toMillis());
        out.put("verdict", r.verdict());
        out.put("advice", r.advice());
        out.put("attempts", r.attempts().stream().map(Reports::values).toList());
        return out;
    }

    private static Map<String, Object> values(ConnectReport.Attempt a) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("strategy", a.strategy());
        out.put("outcome", a.outcome().name());
        out.put("beganMs", a.began().toMillis());
        out.put("tookMs", a.took().toMillis());
        out.put("evidence", a.evidence());
        return out;
    }

    static String line(ConnectReport.Attempt a) {
        return "  "
                + Text.safe(a.strategy())
                + "  "
                + a.outcome()
                + "  (began after "
                + Text.duration(a.began())
                + ", took "
                + Text.duration(a.took())
                + ")";
    }

    static String line(PathInfo p) {
        return Text.safe(
                p.strategy()
                        + " over "
                        + p.transport()
                        + ", "
                        + p.local()
                        + " -> "
                        + p.remote()
                        + ", round trip "
                        + Text.duration(p.rtt()));
    }

    private static String nat(NatInfo nat) {
        StringBuilder out = new StringBuilder();
        for (NatInfo.Family f : nat.families()) {
            out.append(out.isEmpty() ? " " : "; ")
                    .append(f.name() + " mapping " + f.udp().mapping())
                    .append(", filtering " + f.udp().filtering())
                    .append(", ports " + f.udp().allocation())
                    .append(" (" + f.p2pdName() + ")");
        }
        return out.isEmpty() ? " unknown: " + nat.trouble() : out.toString();
    }

    static String line(NodeEvent event) {
        String text;
        if (event instanceof NodeEvent.Ready e) {
            text = "ready as " + e.address().id().brief();
        } else if (event instanceof NodeEvent.PeerChanged e) {
            text = "peer " + e.peer().brief() + " " + e.state() + ": " + e.why();
        } else if (event instanceof NodeEvent.PathUp e) {
            text = "peer " + e.peer().brief() + " path up: " + line(e.path());
        } else if (event instanceof NodeEvent.PathDown e) {
            text = "peer " + e.peer().brief() + " path down: " + line(e.path()) + ": " + e.why();
        } else if (event instanceof NodeEvent.Resumed e) {
            text = "peer " + e.peer().brief() + " resumed after " + Text.duration(e.pause());
        } else if (event instanceof NodeEvent.ProviderChanged e) {
            text =
                    "provider "
                            + e.kind()
                            + "/"
                            + e.name()
                            + "#"
                            + e.generation()
                            + " "
                            + e.change()
                            + (e.why().isEmpty() ? "" : ": " + e.why());
        } else if (event instanceof NodeEvent.Published e) {
            text = "record " + e.number() + " published in " + e.directories() + " directories";
        } else if (event instanceof NodeEvent.NatChanged e) {
            text = "nat" + nat(e.nat());
        } else if (event instanceof NodeEvent.PortChanged e) {
            PortInfo p = e.port();
            text =
                    "port "
                            + p.protocol()
                            + " "
                            + IpAddresses.text(p.internal())
                            + (p.open()
                                    ? " open at "
                                            + p.external()
                                                    .map(IpAddresses::text)
                                                    .orElse("?:" + p.externalPort())
                                            + " by "
                                            + p.by()
                                    : " lost: " + p.trouble());
        } else if (event instanceof NodeEvent.Trouble e) {
            text = "TROUBLE " + e.what() + (e.advice().isEmpty() ? "" : ": " + e.advice());
        } else {
            text = event.toString();
        }
        return Text.safe(text);
    }
}
