// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Each router kind, with a host behind it: what was asked for, what plain sockets see, what
 * coturn's tool sees, what Karst's own detector sees. One lab for all of them.
 */
final class NatCheck {

    /** What is seen through one router. */
    private static final class Row {
        final Site site;
        final RouterKind wanted;
        Verdict probe = Verdict.NONE;
        Verdict tool = Verdict.NONE;

        /** Of Karst, asking coturn. */
        Verdict karst = Verdict.NONE;

        /** Of Karst, asking Karst's own server. */
        Verdict own = Verdict.NONE;

        Row(Site site) {
            this.site = site;
            this.wanted = site.kind().orElseThrow();
        }
    }

    private final Lab lab;
    private final List<Row> rows = new ArrayList<>();
    private final ExecutorService workers = Executors.newFixedThreadPool(4);

    private NatCheck(Lab lab) {
        this.lab = lab;
        lab.plan().sites().forEach(s -> rows.add(new Row(s)));
    }

    static int run(String prefix, List<String> words) throws Exception {
        List<String> kinds = new ArrayList<>(words);
        boolean all = kinds.remove("--all");
        boolean karst = !kinds.remove("--no-karst");
        if (kinds.isEmpty()) {
            kinds.addAll(all ? Catalog.all() : Catalog.KERNEL);
        }
        List<String> sites = new ArrayList<>();
        for (String kind : kinds) {
            sites.add(
                    "r"
                            + (char) ('a' + sites.size() / 26)
                            + (char) ('a' + sites.size() % 26)
                            + "="
                            + kind
                            + ",hosts=2");
        }
        String name = "nat" + Long.toString(ProcessHandle.current().pid(), 36);
        Thread down = new Thread(() -> LabDown.down(prefix, name));
        Runtime.getRuntime().addShutdownHook(down); // also after Ctrl-C
        long start = System.nanoTime();
        try (Lab lab = Lab.up(prefix, name, sites)) {
            note("%d routers up in %d ms", sites.size(), (System.nanoTime() - start) / 1_000_000);
            return new NatCheck(lab).check(karst);
        }
    }

    private static void note(String format, Object... values) {
        System.err.printf(format + "%n", values);
    }

    private int check(boolean withKarst) throws Exception {
        try (ProbeServer server = ProbeServer.start(lab)) {
            each(row -> row.probe = probe(row));
        }
        note("probed");
        if (Coturn.installed()) {
            Coturn.start(lab);
            each(row -> row.tool = Verdict.of(row.wanted, Coturn.discover(lab, row.site.host(1))));
            note("asked coturn's tool");
        } else {
            note("coturn is not installed: no tool column, no server for Karst");
        }
        if (withKarst) {
            askKarst();
        }
        workers.shutdown();
        return table();
    }

    private Verdict probe(Row row) throws Exception {
        NetNs neighbour = lab.ns(row.site.host(2));
        Probe.Result seen = lab.ns(row.site.host(1)).call(() -> Probe.run(neighbour));
        Knock.Result knock = lab.ns("s").call(() -> Knock.at(lab.plan().wan(row.site)));
        return Verdict.of(row.wanted, seen, knock);
    }

    private interface Step {
        void of(Row row) throws Exception;
    }

    private void each(Step step) throws Exception {
        List<Future<?>> running = new ArrayList<>();
        for (Row row : rows) {
            running.add(
                    workers.submit(
                            () -> {
                                step.of(row);
                                return null;
                            }));
        }
        for (Future<?> one : running) {
            one.get();
        }
    }

    /**
     * A node behind each router asks coturn, a second one Karst's own server; one pair after the
     * other.
     */
    private void askKarst() throws Exception {
        Optional<String> missing = Nodes.missing();
        if (missing.isPresent()) {
            note("karst: %s", missing.get());
            return;
        }
        Nodes nodes = Nodes.of(lab);
        if (!nodes.has("dev.karst.nat.stun")) {
            note("karst: this build has no dev.karst.nat.stun");
            return;
        }
        boolean server = nodes.has("dev.karst.server.turn");
        if (server) {
            nodes.broker();
        }
        each(
                row -> {
                    if (Coturn.installed()) {
                        row.karst = ask(nodes, row, row.site.host(1), Coturn.PORT);
                    }
                    if (server) {
                        row.own = ask(nodes, row, row.site.host(2), Nodes.STUN_PORT);
                    }
                });
        note("asked Karst");
    }

    private static Verdict ask(Nodes nodes, Row row, String host, int port) {
        Process node =
                nodes.start(
                        host,
                        List.of("--set", "dev.karst.nat.stun:servers=" + Plan.SERVER + ":" + port));
        try {
            nodes.await(node, host);
            return Verdict.of(row.wanted, nodes.exec(host, "karst:nat --again"));
        } finally {
            nodes.kill(node);
        }
    }

    private int table() {
        String format = "%-9s %-40s %-28s %-13s %-34s %s%n";
        System.out.printf(
                format,
                "engine",
                "wanted",
                "plain sockets",
                "coturn's tool",
                "karst asks coturn",
                "karst asks its own");
        for (Row row : rows) {
            System.out.printf(
                    format,
                    row.wanted.userspace() ? "userspace" : "kernel",
                    row.wanted,
                    row.probe,
                    row.tool,
                    row.karst,
                    row.own);
        }
        long probeRight = rows.stream().filter(r -> r.probe.right()).count();
        long asked =
                rows.stream()
                        .flatMap(r -> Stream.of(r.karst, r.own))
                        .filter(v -> v != Verdict.NONE)
                        .count();
        long karstRight =
                rows.stream()
                        .flatMap(r -> Stream.of(r.karst, r.own))
                        .filter(Verdict::right)
                        .count();
        System.out.printf(
                "RESULT routers=%d probe_right=%d tool_agree=%d karst_asked=%d karst_right=%d karst_ports=%d%n",
                rows.size(),
                probeRight,
                rows.stream().filter(r -> r.tool.right()).count(),
                asked,
                karstRight,
                rows.stream()
                        .flatMap(r -> Stream.of(r.karst, r.own))
                        .filter(Verdict::ports)
                        .count());
        return probeRight == rows.size() && karstRight == asked ? 0 : 1;
    }
}
