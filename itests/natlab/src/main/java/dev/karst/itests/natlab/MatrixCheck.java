// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import dev.karst.itests.natlab.MatrixCell.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The connection matrix with real nodes: one behind each kind of router on either side, each pair
 * once. The pair of plain masquerading routers comes first, alone, on nodes that have just become
 * ready.
 */
final class MatrixCheck {
    private final Lab lab;
    private final Nodes nodes;
    private final int workers;
    private final Map<MatrixKind, MatrixNode> left = new LinkedHashMap<>();
    private final Map<MatrixKind, MatrixNode> right = new LinkedHashMap<>();
    private final List<Result> results = new ArrayList<>(); // guarded by this
    private final Path logs;
    private int number;

    private record Pair(MatrixKind a, MatrixKind b) {}

    private MatrixCheck(Lab lab, int workers, Path logs) {
        this.lab = lab;
        this.nodes = Nodes.of(lab);
        this.workers = workers;
        this.logs = logs;
    }

    /**
     * @param words kinds (all pairs of them), or pairs {@code A,B}; everything without any; {@code
     *     -j N} pairs at a time
     */
    static int run(String prefix, List<String> words) throws Exception {
        List<String> rest = new ArrayList<>(words);
        int workers = 2;
        int j = rest.indexOf("-j");
        if (j >= 0 && j + 1 < rest.size()) {
            workers = Integer.parseInt(rest.get(j + 1));
            rest.subList(j, j + 2).clear();
        }
        List<Pair> pairs = pairs(rest);
        Nodes.missing()
                .ifPresent(
                        why -> {
                            throw new LabException(why);
                        });
        List<String> sites = new ArrayList<>();
        for (MatrixKind k : MatrixKind.values()) {
            if (pairs.stream().anyMatch(p -> p.a == k)) {
                sites.addAll(MatrixNode.sites(k, k.site("a")));
            }
            if (pairs.stream().anyMatch(p -> p.b == k)) {
                sites.addAll(MatrixNode.sites(k, k.site("b")));
            }
        }
        String name = "mt" + Long.toString(ProcessHandle.current().pid(), 36);
        Thread down = new Thread(() -> LabDown.down(prefix, name));
        Runtime.getRuntime().addShutdownHook(down); // also after Ctrl-C
        Path logs = Nodes.root().orElseThrow().resolve("itests/natlab/target/matrix");
        try (Lab lab = Lab.up(prefix, name, sites)) {
            return new MatrixCheck(lab, workers, logs).check(pairs);
        }
    }

    private static List<Pair> pairs(List<String> words) {
        List<MatrixKind> kinds = new ArrayList<>();
        List<Pair> pairs = new ArrayList<>();
        for (String word : words) {
            String[] two = word.split(",", -1);
            if (two.length == 2) {
                pairs.add(new Pair(kind(two[0]), kind(two[1])));
            } else {
                kinds.add(kind(word));
            }
        }
        if (words.isEmpty()) {
            kinds.addAll(Arrays.asList(MatrixKind.values()));
        }
        for (MatrixKind a : kinds) {
            for (MatrixKind b : kinds) {
                pairs.add(new Pair(a, b));
            }
        }
        return pairs;
    }

    private static MatrixKind kind(String word) {
        return MatrixKind.of(word)
                .orElseThrow(
                        () ->
                                new LabException(
                                        "no kind '"
                                                + word
                                                + "'; there are "
                                                + Arrays.stream(MatrixKind.values())
                                                        .map(k -> k.word)
                                                        .toList()));
    }

    private int check(List<Pair> all) throws Exception {
        Files.createDirectories(logs);
        nodes.broker();
        Deque<Pair> todo = new ArrayDeque<>(all);
        Pair first = new Pair(MatrixKind.MASQUERADE, MatrixKind.MASQUERADE);
        if (todo.remove(first)) {
            ready(List.of(first));
            cell(first);
        }
        ready(List.copyOf(todo));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            Thread t = new Thread(() -> work(todo), "matrix-" + i);
            t.start();
            threads.add(t);
        }
        for (Thread t : threads) {
            t.join();
        }
        return report();
    }

    /** A few at a time: starting is the most expensive thing a node does. */
    private void ready(List<Pair> pairs) {
        List<MatrixNode> fresh = new ArrayList<>();
        for (Pair p : pairs) {
            if (!left.containsKey(p.a)) {
                fresh.add(start(left, p.a, p.a.site("a")));
            }
            if (!right.containsKey(p.b)) {
                fresh.add(start(right, p.b, p.b.site("b")));
            }
            if (fresh.size() >= 4) {
                fresh.forEach(MatrixNode::await);
                fresh.clear();
            }
        }
        fresh.forEach(MatrixNode::await);
    }

    private MatrixNode start(Map<MatrixKind, MatrixNode> side, MatrixKind kind, String site) {
        MatrixNode node = new MatrixNode(lab, nodes, kind, site);
        side.put(kind, node);
        return node;
    }

    private void work(Deque<Pair> todo) {
        while (true) {
            Pair p;
            try {
                p = take(todo);
            } catch (InterruptedException e) {
                return;
            }
            if (p == null) {
                return;
            }
            cell(p);
            synchronized (this) {
                left.get(p.a).busy = false;
                right.get(p.b).busy = false;
                notifyAll();
            }
        }
    }

    /** The next pair of which neither node has anything to do. */
    private synchronized Pair take(Deque<Pair> todo) throws InterruptedException {
        while (!todo.isEmpty()) {
            for (Pair p : todo) {
                MatrixNode a = left.get(p.a);
                MatrixNode b = right.get(p.b);
                if (!a.busy && !b.busy) {
                    a.busy = true;
                    b.busy = true;
                    todo.remove(p);
                    return p;
                }
            }
            wait();
        }
        return null;
    }

    private void cell(Pair p) {
        MatrixCell cell = new MatrixCell(left.get(p.a), right.get(p.b));
        int mine;
        synchronized (this) {
            mine = ++number;
        }
        Result r;
        try {
            r = cell.run(mine);
        } catch (Exception e) {
            r =
                    new Result(
                            p.a,
                            p.b,
                            java.util.Optional.of(String.valueOf(e.getMessage())),
                            -1,
                            -1,
                            -1,
                            "-",
                            false,
                            "");
        }
        synchronized (this) {
            results.add(r);
        }
        print(r);
        try {
            Files.write(logs.resolve(p.a.word + "-" + p.b.word + ".log"), cell.log());
        } catch (IOException e) {
            System.err.println("cannot keep the log: " + e);
        }
    }

    private static void print(Result r) {
        System.out.printf(
                "%-4s %-10s %-10s first %5d  direct %5d  10 MiB %5d ms  %-22s %s%n",
                r.ok() ? "ok" : "FAIL",
                r.from().word,
                r.to().word,
                r.firstMs(),
                r.directMs(),
                r.lastMs(),
                r.path(),
                r.failure().map(f -> "! " + f).orElse(r.reason()));
        System.out.flush();
    }

    private int report() {
        new MatrixTable(results).print();
        long ok = results.stream().filter(Result::ok).count();
        long direct = results.stream().filter(r -> r.failure().isEmpty() && r.direct()).count();
        String first =
                results.stream()
                        .filter(r -> r.from() == MatrixKind.MASQUERADE && r.to() == r.from())
                        .map(r -> r.firstMs() + " direct_ms_masquerade=" + r.directMs())
                        .findFirst()
                        .orElse("-");
        System.err.println("logs: " + logs);
        System.out.printf(
                "RESULT cells=%d ok=%d direct=%d first_byte_ms_masquerade=%s%n",
                results.size(), ok, direct, first);
        return ok == results.size() && ok > 0 ? 0 : 1;
    }
}
