// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A transfer that outlives its paths: by the relay while the two may not talk directly, directly
 * when they may, by the relay again when the direct way is cut. Pauses are those of the bytes that
 * come out of the tunnel.
 */
final class UpgradeCheck {
    private static final long UPGRADE_PAUSE = 100;
    private static final long FALLBACK_PAUSE = 1500;

    private final Lab lab;
    private final MatrixNode a;
    private final MatrixNode b;

    private UpgradeCheck(Lab lab, MatrixNode a, MatrixNode b) {
        this.lab = lab;
        this.a = a;
        this.b = b;
    }

    /**
     * @param words how many MiB, 1024 without
     */
    static int run(String prefix, List<String> words) throws Exception {
        long bytes = (words.isEmpty() ? 1024 : Long.parseLong(words.get(0))) << 20;
        String name = "up" + Long.toString(ProcessHandle.current().pid(), 36);
        Thread down = new Thread(() -> LabDown.down(prefix, name));
        Runtime.getRuntime().addShutdownHook(down);
        try (Lab lab = Lab.up(prefix, name, List.of("a=home,delay=10", "b=home,delay=10"))) {
            Nodes nodes = Nodes.of(lab);
            nodes.broker();
            MatrixNode a = new MatrixNode(lab, nodes, MatrixKind.MASQUERADE, "a");
            MatrixNode b = new MatrixNode(lab, nodes, MatrixKind.MASQUERADE, "b");
            a.await();
            b.await();
            return new UpgradeCheck(lab, a, b).check(bytes);
        }
    }

    private int check(long bytes) throws Exception {
        boolean good = true;
        forbid();
        try (Delivery d = new Delivery(bytes, 1, b.ns);
                EventLog log = new EventLog("upgrade", a, b)) {
            b.shell.must("karst:expose bulk tcp://127.0.0.1:" + d.port() + " any");
            a.shell.must("karst:forward tcp://127.0.0.1:9000 " + b.peer() + " bulk");
            d.start(a.ns, 9000);
            PathWatch path = new PathWatch(a.shell, b.peer());
            say("relayed after %d ms", path.await(false, 20));
            Rate relayed = steady(d);
            allow();
            long took = path.await(true, 60);
            Rate direct = steady(d);
            long upgrade = direct.pause;
            say("direct %d ms after it was allowed; %s", took, path.now().text());
            log.add("forbidden", a.shell.run("karst:sessions").out());
            forbid();
            took = path.await(false, 30);
            log.add("the report of the fallback", a.shell.run("karst:why " + b.peer()).out());
            Rate fallen = steady(d);
            long fallback = fallen.pause;
            say("relayed again %d ms after it was forbidden", took);
            log.add("allowed", "");
            allow();
            took = path.await(true, 60);
            Rate again = steady(d);
            upgrade = Math.max(upgrade, again.pause);
            say("direct again %d ms after it was allowed", took);
            String end = "ok";
            try {
                d.await(600);
            } catch (Exception e) {
                end = String.valueOf(e.getMessage());
                good = false;
            }
            good &= upgrade <= UPGRADE_PAUSE && fallback <= FALLBACK_PAUSE;
            System.out.printf("%-18s %12s %16s%n", "", "KiB/s", "longest pause ms");
            row("by the relay", relayed);
            row("becoming direct", direct);
            row("losing it", fallen);
            row("becoming direct", again);
            System.out.printf(
                    "RESULT mib=%d hash=%s upgrade_pause_ms=%d fallback_pause_ms=%d"
                            + " steady_pause_ms=%d%n",
                    bytes >> 20,
                    end.equals("ok") ? "ok" : "\"" + end + "\"",
                    upgrade,
                    fallback,
                    relayed.pause);
            return good ? 0 : 1;
        }
    }

    private static void row(String what, Rate r) {
        System.out.printf("%-18s %12d %16d%n", what, r.kibs, r.pause);
    }

    /** Since the last time. */
    private record Rate(long kibs, long pause) {}

    private long seen;
    private long seenAt = System.nanoTime();

    /** Lets it run for a while. */
    private Rate steady(Delivery d) {
        long until = System.nanoTime() + 4_000_000_000L;
        while (System.nanoTime() < until && !d.over()) {
            LockSupport.parkNanos(20_000_000);
        }
        if (d.over()) {
            throw new LabException("the transfer was too short: more MiB are needed");
        }
        long now = System.nanoTime();
        long bytes = d.received();
        Rate r = new Rate((bytes - seen) * 1_000_000 / 1024 * 1000 / (now - seenAt), d.restart());
        seen = bytes;
        seenAt = now;
        return r;
    }

    private static void say(String format, Object... what) {
        System.out.printf(format + "%n", what);
        System.out.flush();
    }

    /** No packet passes between the two sites any more; both still reach the servers. */
    private void forbid() {
        String one = lab.plan().wan(lab.plan().site("a"));
        String other = lab.plan().wan(lab.plan().site("b"));
        Sh.must(
                """
                add table ip apart
                delete table ip apart
                table ip apart {
                chain forward { type filter hook forward priority filter;
                ip saddr %1$s ip daddr %2$s drop
                ip saddr %2$s ip daddr %1$s drop
                }
                }
                """
                        .formatted(one, other),
                Sh.in(lab.ns("inet"), "nft", "-f", "-"));
    }

    private void allow() {
        Sh.must("delete table ip apart\n", Sh.in(lab.ns("inet"), "nft", "-f", "-"));
    }
}
