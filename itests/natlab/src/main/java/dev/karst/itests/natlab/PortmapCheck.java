// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Port mapping against the real miniupnpd, by real nodes: each way to open a port, from the first
 * request to the last; what others gain by it; and what happens when routers, nodes and bundles
 * come and go.
 */
final class PortmapCheck {
    private static final List<String> OTHERS = List.of("connect", "time", "cgnat", "update");

    interface Case {
        /** What is worth telling; fails with the reason. */
        String run() throws Exception;
    }

    private final Lab lab;
    private final Set<String> words;
    private int cases;
    private int ok;
    private Optional<Long> firstMapping = Optional.empty();

    private PortmapCheck(Lab lab, Set<String> words) {
        this.lab = lab;
        this.words = words;
    }

    /**
     * @param words names of ways, and of other cases; all without any
     */
    static int run(String prefix, List<String> words) throws Exception {
        Set<String> wanted = new LinkedHashSet<>(words);
        List<String> all = new ArrayList<>(OTHERS);
        Arrays.stream(PortmapWay.Kind.values()).forEach(k -> all.add(k.word));
        if (!all.containsAll(wanted)) {
            throw new LabException("natlab portmap takes some of " + all);
        }
        for (Optional<String> missing : List.of(Miniupnpd.missing(), Nodes.missing())) {
            if (missing.isPresent()) {
                throw new LabException(missing.get());
            }
        }
        List<String> sites =
                Stream.concat(
                                Arrays.stream(PortmapWay.Kind.values()).map(k -> k.site),
                                Stream.of("b", "x", "k"))
                        .map(s -> s + "=symmetric")
                        .collect(java.util.stream.Collectors.toList());
        sites.addAll(List.of("isp=cgn,hosts=0", "c=home@isp"));
        String name = "pm" + Long.toString(ProcessHandle.current().pid(), 36);
        Thread down = new Thread(() -> LabDown.down(prefix, name));
        Runtime.getRuntime().addShutdownHook(down); // also after Ctrl-C
        try (Lab lab = Lab.up(prefix, name, sites)) {
            return new PortmapCheck(lab, wanted.isEmpty() ? Set.copyOf(all) : wanted).check();
        }
    }

    /** Prints how it went. Whether it went well. */
    private boolean run(String name, Case one) {
        cases++;
        long start = System.nanoTime();
        String said;
        boolean good = false;
        try {
            said = one.run();
            good = true;
            ok++;
        } catch (Exception | AssertionError e) {
            said = e instanceof LabException ? e.getMessage() : e.toString();
        }
        System.out.printf(
                "%-4s %-18s %6d ms  %s%n",
                good ? "ok" : "FAIL", name, (System.nanoTime() - start) / 1_000_000, said);
        System.out.flush();
        return good;
    }

    private int check() {
        Nodes nodes = Nodes.of(lab);
        nodes.broker();
        PortmapOthers others = new PortmapOthers(lab, nodes);
        List<PortmapWay> ways = new ArrayList<>();
        for (PortmapWay.Kind kind : PortmapWay.Kind.values()) {
            if (words.contains(kind.word)) {
                PortmapWay way = new PortmapWay(kind, lab, nodes);
                if (run("map " + kind.word, way::map)) {
                    ways.add(way);
                }
            }
        }
        if (words.contains("connect")) {
            run("connect, no map", others::connectWithout);
            for (PortmapWay way : ways) {
                run("connect " + way.kind.word, () -> others.connect(way));
            }
        }
        if (words.contains("time")) {
            run(
                    "first mapping",
                    () -> {
                        PortmapOthers.First first = others.firstMapping();
                        firstMapping = Optional.of(first.ms());
                        return first.text();
                    });
        }
        if (words.contains("cgnat")) {
            run("behind a CGNAT", others::behindCgnat);
            run("useless mapping", others::uselessMapping);
        }
        if (words.contains("update")) {
            others.karaf(this::run);
        }
        ways.forEach(way -> run("renew " + way.kind.word, way::renewed));
        ways.forEach(way -> run("reboot " + way.kind.word, way::rebooted));
        ways.forEach(way -> run("kill " + way.kind.word, way::crashed));
        ways.forEach(way -> run("stop " + way.kind.word, way::stopped));
        if (ok < cases) {
            keepLogs();
        }
        System.out.printf(
                "RESULT cases=%d ok=%d first_mapping_ms=%s%n",
                cases, ok, firstMapping.map(String::valueOf).orElse("-"));
        return ok == cases && cases > 0 ? 0 : 1;
    }

    /** Of routers and nodes; the lab's folder goes with the lab. */
    private void keepLogs() {
        Path to = Nodes.root().orElseThrow().resolve("itests/natlab/target/portmap-logs");
        Sh.run(
                java.time.Duration.ofSeconds(20),
                "",
                List.of(
                        "sh",
                        "-c",
                        "rm -rf \"$1\" && mkdir -p \"$1\" && cp \"$0\"/logs/*.log \"$1\" && for n in"
                                + " \"$0\"/nodes/*; do cat \"$n\"/data/log/*.log >"
                                + " \"$1/karst-${n##*/}.log\"; done",
                        lab.folder().toString(),
                        to.toString()));
        System.err.println("logs: " + to);
    }

    /** Where a bundle of the distribution that runs is. */
    static Path bundle(Lab lab, String name) {
        Path folder = lab.folder().resolve("dist/system/dev/karst").resolve(name);
        try (Stream<Path> all = java.nio.file.Files.walk(folder)) {
            return all.filter(p -> p.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow(() -> new LabException("no jar in " + folder));
        } catch (java.io.IOException e) {
            throw new LabException("the Karaf that was built has no " + name, e);
        }
    }
}
