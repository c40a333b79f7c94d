// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One pair of the matrix: a tunnel from a node to another, 10 MiB through it, and how it went. */
final class MatrixCell {
    static final long BYTES = 10 << 20;
    private static final int PATIENCE = 60;

    /** How long a relayed path that ought to be direct may take to become so, in ms. */
    private static final long UPGRADE_MS = 12_000;

    private static final Pattern UP =
            Pattern.compile("peer (\\S+) path up: (\\S+) over (\\S+), (\\S+) -> (\\S+), .*");

    final MatrixNode a;
    final MatrixNode b;
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());
    private volatile long directAt;
    private Delivery delivery;
    private String why = "";

    MatrixCell(MatrixNode a, MatrixNode b) {
        this.a = a;
        this.b = b;
    }

    /**
     * How a cell went.
     *
     * @param failure empty if every byte arrived
     * @param firstMs from connect to the first byte on the other side; -1 for never
     * @param directMs from connect to the first direct path; -1 for never
     * @param path strategy, transport, and whether by a relay
     */
    record Result(
            MatrixKind from,
            MatrixKind to,
            Optional<String> failure,
            long firstMs,
            long directMs,
            long lastMs,
            String path,
            boolean direct,
            String reason) {

        /** A direct path where there can be one, a reason where not, and the data in any case. */
        boolean ok() {
            return failure.isEmpty()
                    && (direct || !MatrixKind.direct(from, to) && !reason.isEmpty());
        }
    }

    Result run(int number) throws Exception {
        int entry = 9000 + number;
        String service = "cell" + number;
        Optional<String> failure = Optional.empty();
        try (Delivery d = new Delivery(BYTES, number, b.ns);
                KarstShell.Listening events = a.shell.listen("karst:watch 100", this::event)) {
            delivery = d;
            b.shell.must("karst:expose " + service + " tcp://127.0.0.1:" + d.port() + " any");
            a.shell.must("karst:forward tcp://127.0.0.1:" + entry + " " + b.peer() + " " + service);
            d.start(a.ns, entry);
            try {
                awaitFirst(d);
                why = a.shell.run("karst:why " + b.peer()).out();
                d.await(PATIENCE);
                if (MatrixKind.direct(a.kind, b.kind)) {
                    awaitDirect(d);
                }
            } catch (Exception e) {
                failure = Optional.of(e.getMessage() == null ? e.toString() : e.getMessage());
            }
            return result(failure);
        } finally {
            a.shell.run("karst:unforward tcp://127.0.0.1:" + entry);
            b.shell.run("karst:unexpose " + service);
            a.shell.run("karst:disconnect " + b.peer());
        }
    }

    private static void awaitFirst(Delivery d) {
        while (d.firstMs() < 0 && !d.over()) {
            LockSupport.parkNanos(2_000_000);
        }
    }

    private void awaitDirect(Delivery d) {
        while (directAt == 0 && (System.nanoTime() - d.began()) / 1_000_000 < UPGRADE_MS) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    private void event(String line) {
        long now = System.nanoTime();
        log.add(line);
        Matcher m = UP.matcher(line);
        if (m.find() && b.peer().startsWith(m.group(1)) && directAt == 0) {
            if (!PathWatch.relayed(m.group(4)) && !PathWatch.relayed(m.group(5))) {
                directAt = now;
            }
        }
    }

    private Result result(Optional<String> failure) {
        String sessions = a.shell.run("karst:sessions " + b.peer()).out();
        String last = a.shell.run("karst:why " + b.peer()).out();
        log.add(why);
        if (!last.equals(why)) {
            log.add(last);
        }
        log.add(sessions);
        PathWatch.Used used = PathWatch.used(sessions);
        String verdict =
                why.lines()
                        .filter(l -> l.startsWith("verdict"))
                        .map(l -> l.substring(7).strip())
                        .findFirst()
                        .orElse("");
        return new Result(
                a.kind,
                b.kind,
                failure,
                delivery.firstMs(),
                directAt == 0 ? -1 : (directAt - delivery.began()) / 1_000_000,
                failure.isPresent() ? -1 : delivery.lastMs(),
                used.text(),
                used.direct(),
                verdict);
    }

    /** Everything that was seen. */
    List<String> log() {
        return log;
    }
}
