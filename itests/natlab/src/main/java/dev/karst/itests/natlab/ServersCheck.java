// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the embedded servers' users notice when the servers are updated, removed, replaced, killed.
 * a and b have but the relay, with a stream each way; c and d have a direct session, and must
 * notice nothing; e and f connect anew each time, by the relay.
 */
final class ServersCheck {
    private static final long PAUSE = 3000;
    private static final long BACK = 5000;
    private static final long SIGNALING = 5000;
    private static final long RATE = 3L << 19;
    private static final int AWAY = 5;
    private static final int PATIENCE = 60;

    private static final Pattern RESUMED = Pattern.compile("resumed after ([0-9.,]+) ?(ms|s|min)");

    private final Lab lab;
    private final ServersKaraf servers;
    private final ServersNodes nodes;
    private final EventLog log;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> wanted;
    private int sessionsLost;

    /**
     * A case.
     *
     * @param present whether the process and one of each server is there all the time
     * @param awayMs how long one of the servers did not listen
     * @param pauseMs the longest time without a byte, of both ways
     * @param backMs from the return of both servers until bytes came both ways
     * @param suspendedMs as a's or b's node had it; 0 if it was not
     * @param signalingMs from the broker's return until all were connected to it
     * @param foundMs from the broker's return until a record was found by the peer's id alone
     * @param connectMs of a new pair
     * @param direct what the direct session's nodes said, and its longest pause
     */
    private record Row(
            String name,
            boolean present,
            long awayMs,
            long pauseMs,
            long backMs,
            long suspendedMs,
            long signalingMs,
            long foundMs,
            long connectMs,
            int direct,
            long directMs,
            boolean relayed) {
        boolean ok() {
            return relayed
                    && direct == 0
                    && connectMs >= 0
                    && backMs <= BACK
                    && (!present || pauseMs <= PAUSE)
                    && signalingMs <= SIGNALING
                    && foundMs <= SIGNALING;
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private ServersCheck(
            Lab lab, ServersKaraf servers, ServersNodes nodes, EventLog log, List<String> wanted) {
        this.lab = lab;
        this.servers = servers;
        this.nodes = nodes;
        this.log = log;
        this.wanted = wanted;
    }

    /**
     * @param words how many MiB each way at least, 256 without; then cases by their first word, all
     *     without
     */
    static int run(String prefix, List<String> words) throws Exception {
        long bytes = (words.isEmpty() ? 256 : Long.parseLong(words.get(0))) << 20;
        List<String> wanted = words.isEmpty() ? words : words.subList(1, words.size());
        String name = "sv" + Long.toString(ProcessHandle.current().pid(), 36);
        Thread down = new Thread(() -> LabDown.down(prefix, name));
        Runtime.getRuntime().addShutdownHook(down);
        try (Lab lab = Lab.up(prefix, name, ServersNodes.SITES)) {
            Nodes nodes = Nodes.of(lab);
            try (ServersKaraf servers = new ServersKaraf(lab, nodes);
                    ServersNodes all = new ServersNodes(lab, nodes);
                    EventLog log = new EventLog("servers", all.all())) {
                return new ServersCheck(lab, servers, all, log, wanted).check(bytes);
            }
        }
    }

    private int check(long bytes) throws Exception {
        nodes.forbid(lab);
        try (Delivery one = new Delivery(bytes, 1, nodes.b.ns).endless(RATE);
                Delivery other = new Delivery(bytes, 2, nodes.a.ns).endless(RATE);
                Delivery direct = new Delivery(1 << 20, 3, nodes.d.ns).endless(RATE / 8)) {
            nodes.carry(one, nodes.a, nodes.b);
            nodes.carry(other, nodes.b, nodes.a);
            nodes.carry(direct, nodes.c, nodes.d);
            PathWatch path = new PathWatch(nodes.a.shell, nodes.b.peer());
            say("relayed after %d ms", path.await(false, 30));
            say(
                    "direct, the others, after %d ms",
                    new PathWatch(nodes.c.shell, nodes.d.peer()).await(true, 30));
            pause(3000);
            Flows flows = new Flows(one, other, direct);
            cases(flows);
            String end = "ok";
            for (Delivery d : List.of(one, other, direct)) {
                d.enough();
            }
            for (Delivery d : List.of(one, other, direct)) {
                try {
                    d.await(300);
                } catch (Exception e) {
                    end = String.valueOf(e.getMessage());
                }
            }
            return report(end, one.received() + other.received());
        }
    }

    private record Flows(Delivery one, Delivery other, Delivery direct) {
        void restart() {
            one.restart();
            other.restart();
            direct.restart();
        }

        long pause() {
            return Math.max(one.longestGapMs(), other.longestGapMs());
        }

        long lastAt() {
            return Math.min(one.lastAt(), other.lastAt());
        }

        boolean over() {
            return one.over() || other.over() || direct.over();
        }
    }

    private void cases(Flows flows) throws Exception {
        one("nothing", true, flows, () -> {});
        one("turn in place", true, flows, () -> servers.update(ServersKaraf.TURN));
        one("mqtt in place", true, flows, () -> servers.update(ServersKaraf.MQTT));
        one("both gone for 5 s", false, flows, this::away);
        one("turn beside", true, flows, () -> beside(ServersKaraf.TURN));
        one("mqtt beside", true, flows, () -> beside(ServersKaraf.MQTT));
        one(
                "killed, new process",
                false,
                flows,
                () -> {
                    servers.kill();
                    servers.start();
                });
    }

    private void away() {
        servers.uninstall(ServersKaraf.TURN);
        servers.uninstall(ServersKaraf.MQTT);
        pause(AWAY * 1000L);
        servers.install(ServersKaraf.MQTT);
        servers.install(ServersKaraf.TURN);
    }

    /** The new one waits for the ports until the old one has gone. */
    private void beside(String bundle) {
        servers.install(bundle);
        pause(1000);
        servers.uninstall(bundle);
    }

    private void one(String name, boolean present, Flows flows, Step step) throws Exception {
        if (!wanted.isEmpty() && wanted.stream().noneMatch(name::startsWith)) {
            return;
        }
        flows.restart();
        long begin = System.nanoTime();
        log.add("CASE " + name, "");
        nodes.beginSignaling();
        step.run();
        long until = System.nanoTime() + PATIENCE * 1_000_000_000L;
        while (System.nanoTime() < until && !(servers.mqtt().now && servers.turn().now)) {
            pause(10);
        }
        long relay = Math.max(begin, servers.turn().lastAway);
        long broker = Math.max(begin, servers.mqtt().lastAway);
        pause(50); // for nodes to see that it went, if it did
        while (System.nanoTime() < until && !nodes.signaling()) {
            pause(20);
        }
        long signaling = ms(Math.max(0, nodes.signalingLost() - broker));
        ServersNodes.Found found = nodes.connect(broker, until);
        while (System.nanoTime() < until && flows.lastAt() - relay < 0 && !flows.over()) {
            pause(10);
        }
        long seen = System.nanoTime();
        pause(Math.max(2000, 6000 - ms(seen - begin)));
        long back = backMs(flows, Math.max(relay, broker));
        long away =
                Math.max(
                        awayMs(servers.turn(), begin, relay),
                        awayMs(servers.mqtt(), begin, broker));
        boolean relayed =
                new PathWatch(nodes.a.shell, nodes.b.peer()).now().relayed() && !flows.over();
        int direct = told(begin, nodes.c, nodes.d) + told(begin, nodes.d, nodes.c);
        sessionsLost += closed(begin, nodes.a, nodes.b) + closed(begin, nodes.b, nodes.a);
        sessionsLost += closed(begin, nodes.c, nodes.d) + closed(begin, nodes.d, nodes.c);
        Row r =
                new Row(
                        name,
                        present,
                        away,
                        flows.pause(),
                        back,
                        suspended(begin),
                        signaling,
                        found.foundMs(),
                        found.connectMs(),
                        direct,
                        flows.direct.longestGapMs(),
                        relayed);
        rows.add(r);
        if (rows.size() == 1) {
            head();
        }
        print(r);
        log.add("now", nodes.a.shell.run("karst:sessions").out());
        log.add("a looked for b", nodes.a.shell.run("karst:why " + nodes.b.peer()).out());
        log.add("b looked for a", nodes.b.shell.run("karst:why " + nodes.a.peer()).out());
    }

    /** Of the longest pause, what came after the relay's return. */
    private static long backMs(Flows f, long relay) {
        long back = 0;
        for (Delivery d : List.of(f.one, f.other)) {
            long from = d.began() + d.longestGapAtMs() * 1_000_000;
            long to = from + d.longestGapMs() * 1_000_000;
            back = Math.max(back, ms(to - Math.max(from, relay)));
        }
        return back;
    }

    private static long awayMs(ServersKaraf.Listening l, long begin, long last) {
        return last == begin || l.awaySince < begin ? 0 : ms(last - l.awaySince);
    }

    /** What a node said of that peer. */
    private List<String> of(long begin, MatrixNode node, MatrixNode peer) {
        String brief = "peer " + peer.peer().substring(0, 4);
        return log.since(begin, node).stream()
                .map(EventLog.Line::text)
                .filter(t -> t.contains(brief))
                .toList();
    }

    private int told(long begin, MatrixNode node, MatrixNode peer) {
        List<String> all = of(begin, node, peer);
        all.forEach(t -> System.out.println("  " + node.host + " noticed: " + t));
        return all.size();
    }

    private int closed(long begin, MatrixNode node, MatrixNode peer) {
        return (int) of(begin, node, peer).stream().filter(t -> t.contains(" CLOSED")).count();
    }

    private long suspended(long begin) {
        double most = 0;
        for (String t : of(begin, nodes.a, nodes.b)) {
            Matcher m = RESUMED.matcher(t);
            if (m.find()) {
                double n = Double.parseDouble(m.group(1).replace(",", ""));
                most = Math.max(most, m.group(2).equals("s") ? 1000 * n : n);
            }
        }
        return Math.round(most);
    }

    private static void head() {
        System.out.printf(
                "%-20s %8s %8s %8s %9s %9s %8s %8s %8s%n",
                "ms",
                "away",
                "pause",
                "after",
                "suspended",
                "signaling",
                "found",
                "connect",
                "direct");
    }

    private static void print(Row r) {
        System.out.printf(
                "%-20s %8d %8d %8d %9s %9d %8d %8d %8s %s%n",
                r.name,
                r.awayMs,
                r.pauseMs,
                r.backMs,
                r.suspendedMs == 0 ? "-" : r.suspendedMs,
                r.signalingMs,
                r.foundMs,
                r.connectMs,
                r.direct == 0 ? r.directMs : r.direct + " events",
                (r.relayed ? "" : "NOT RELAYED ") + (r.ok() ? "ok" : "FAIL"));
        System.out.flush();
    }

    private int report(String end, long bytes) {
        boolean ok = rows.stream().allMatch(Row::ok) && sessionsLost == 0 && end.equals("ok");
        System.out.printf(
                "RESULT cases=%d ok=%d mib=%d sessions_lost=%d hash=%s pause_max_ms=%d"
                        + " back_max_ms=%d signaling_back_ms=%d found_ms=%d direct_events=%d%n",
                rows.size(),
                rows.stream().filter(Row::ok).count(),
                bytes >> 20,
                sessionsLost,
                end.equals("ok") ? "ok" : "\"" + end + "\"",
                rows.stream().filter(Row::present).mapToLong(Row::pauseMs).max().orElse(-1),
                rows.stream().mapToLong(Row::backMs).max().orElse(-1),
                rows.stream().mapToLong(Row::signalingMs).max().orElse(-1),
                rows.stream().mapToLong(Row::foundMs).max().orElse(-1),
                rows.stream().mapToInt(Row::direct).sum());
        return ok ? 0 : 1;
    }

    private static long ms(long nanos) {
        return nanos / 1_000_000;
    }

    private static void pause(long ms) {
        LockSupport.parkNanos(ms * 1_000_000);
    }

    private static void say(String format, Object... what) {
        System.out.printf(format + "%n", what);
        System.out.flush();
    }
}
