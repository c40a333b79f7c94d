// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** The nodes of the check of servers: three pairs, and whether their signaling stands. */
final class ServersNodes implements AutoCloseable {
    static final List<String> SITES =
            List.of(
                    "a=symmetric,delay=10",
                    "b=symmetric,delay=10",
                    "c=home,delay=10",
                    "d=home,delay=10",
                    "e=symmetric,delay=10",
                    "f=symmetric,delay=10");

    private static final long PATIENCE = 99_999; // of a record that was never found

    final MatrixNode a;
    final MatrixNode b;
    final MatrixNode c;
    final MatrixNode d;
    final MatrixNode e;
    final MatrixNode f;
    private final Map<MatrixNode, Boolean> connected = new ConcurrentHashMap<>();
    private volatile long lost;
    private volatile boolean closed;
    private int entry = 9000;

    ServersNodes(Lab lab, Nodes nodes) {
        a = new MatrixNode(lab, nodes, MatrixKind.RANDOM, "a");
        b = new MatrixNode(lab, nodes, MatrixKind.RANDOM, "b");
        c = new MatrixNode(lab, nodes, MatrixKind.MASQUERADE, "c");
        List.of(a, b, c).forEach(MatrixNode::await); // starting is what costs a node most
        d = new MatrixNode(lab, nodes, MatrixKind.MASQUERADE, "d");
        e = new MatrixNode(lab, nodes, MatrixKind.RANDOM, "e");
        f = new MatrixNode(lab, nodes, MatrixKind.RANDOM, "f");
        List.of(d, e, f).forEach(MatrixNode::await);
        f.shell.must("karst:expose knock tcp://127.0.0.1:9 any"); // or it answers no strangers
        for (MatrixNode n : all()) {
            n.shell.must("karst:node");
            Thread t = new Thread(() -> watch(n), "signaling");
            t.setDaemon(true);
            t.start();
        }
    }

    MatrixNode[] all() {
        return new MatrixNode[] {a, b, c, d, e, f};
    }

    /** No packet passes between these sites: they have but the relay. */
    void forbid(Lab lab) {
        StringBuilder rules = new StringBuilder("table ip apart {\nchain forward {\n");
        rules.append("type filter hook forward priority filter;\n");
        for (String[] two : new String[][] {{"a", "b"}, {"b", "a"}, {"e", "f"}, {"f", "e"}}) {
            rules.append("ip saddr ").append(lab.plan().wan(lab.plan().site(two[0])));
            rules.append(" ip daddr ").append(lab.plan().wan(lab.plan().site(two[1])));
            rules.append(" drop\n");
        }
        Sh.must(rules.append("}\n}\n").toString(), Sh.in(lab.ns("inet"), "nft", "-f", "-"));
    }

    /** A tunnel, and the delivery through it. */
    void carry(Delivery what, MatrixNode from, MatrixNode to) {
        entry++;
        String service = "bulk" + entry;
        to.shell.must("karst:expose " + service + " tcp://127.0.0.1:" + what.port() + " any");
        from.shell.must("karst:forward tcp://127.0.0.1:" + entry + " " + to.peer() + " " + service);
        what.start(from.ns, entry);
    }

    private void watch(MatrixNode n) {
        while (!closed) {
            boolean is = !n.shell.run("karst:node").out().contains("signaling  nowhere");
            if (!is) {
                lost = System.nanoTime();
            }
            connected.put(n, is);
            LockSupport.parkNanos(100_000_000);
        }
    }

    void beginSignaling() {
        lost = 0;
    }

    /** Whether all are connected to the broker. */
    boolean signaling() {
        return connected.size() == all().length && !connected.containsValue(false);
    }

    /** When somebody was last seen without. */
    long signalingLost() {
        return lost;
    }

    /**
     * How a new connection went.
     *
     * @param foundMs from the broker's return until the directory knew the peer; -1 for never
     * @param connectMs -1 if it failed
     */
    record Found(long foundMs, long connectMs) {}

    /** Connects e with f by its id, again until the directory knew it; then they part. */
    Found connect(long broker, long until) {
        long connectMs = -1;
        while (System.nanoTime() < until) {
            long begin = System.nanoTime();
            boolean ok = e.shell.run("karst:connect -t 20 " + f.peer()).ok();
            long now = System.nanoTime();
            if (ok && connectMs < 0) {
                connectMs = (now - begin) / 1_000_000;
            }
            String why = e.shell.run("karst:why " + f.peer()).out();
            e.shell.run("karst:disconnect " + f.peer());
            if (ok && why.contains("knows the peer")) {
                return new Found((begin - broker) / 1_000_000, connectMs);
            }
            LockSupport.parkNanos(100_000_000);
        }
        return new Found(PATIENCE, connectMs);
    }

    @Override
    public void close() {
        closed = true;
    }
}
