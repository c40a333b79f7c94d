// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * From Wi-Fi to mobile: the interface of a host goes, with its address, and another one comes,
 * behind another router. Then it goes back.
 */
final class RoamCheck {
    private static final long MOST = 2000;
    private static final long BYTES = 1L << 30;

    private final Lab lab;
    private final MatrixNode a;
    private final MatrixNode b;
    private final Delivery delivery;

    private RoamCheck(Lab lab, MatrixNode a, MatrixNode b, Delivery delivery) {
        this.lab = lab;
        this.a = a;
        this.b = b;
        this.delivery = delivery;
    }

    static int run(String prefix) throws Exception {
        String name = "ro" + Long.toString(ProcessHandle.current().pid(), 36);
        Thread down = new Thread(() -> LabDown.down(prefix, name));
        Runtime.getRuntime().addShutdownHook(down);
        List<String> sites = List.of("a=home,delay=10", "m=home,delay=20", "b=home,delay=10");
        try (Lab lab = Lab.up(prefix, name, sites)) {
            Nodes nodes = Nodes.of(lab);
            nodes.broker();
            MatrixNode a = new MatrixNode(lab, nodes, MatrixKind.MASQUERADE, "a");
            MatrixNode b = new MatrixNode(lab, nodes, MatrixKind.MASQUERADE, "b");
            a.await();
            b.await();
            try (Delivery d = new Delivery(BYTES, 2, b.ns);
                    EventLog log = new EventLog("roam", a, b)) {
                return new RoamCheck(lab, a, b, d).check(log);
            }
        }
    }

    private int check(EventLog log) throws Exception {
        Delivery d = delivery;
        b.shell.must("karst:expose bulk tcp://127.0.0.1:" + d.port() + " any");
        a.shell.must("karst:forward tcp://127.0.0.1:9000 " + b.peer() + " bulk");
        d.start(a.ns, 9000);
        PathWatch path = new PathWatch(a.shell, b.peer());
        path.await(true, 30);
        pause(2000);
        say("at home: %s", path.now().text());
        leave("eth0");
        pause(3000);
        say("no network for 3 s: %s", path.now().text());
        long up = mobile();
        log.add("the address is up", "");
        long mobile = resumed(up);
        log.add("resumed", a.shell.run("karst:why " + b.peer()).out());
        say("mobile: resumed %d ms after the address was up", mobile);
        pause(5000);
        say("mobile, later: %s", path.now().text());
        d.restart();
        leave("wwan0");
        home();
        pause(5000);
        long home = d.restart();
        say("at home again, at once: a pause of %d ms; %s", home, path.now().text());
        boolean over = d.over();
        pause(2000);
        boolean lives = d.lastAt() > System.nanoTime() - 2_000_000_000L && !over;
        a.shell.run("karst:disconnect " + b.peer());
        System.out.printf(
                "RESULT resumed_ms=%d pause_at_once_ms=%d alive=%s%n", mobile, home, lives);
        return lives && mobile <= MOST && home <= MOST ? 0 : 1;
    }

    private void leave(String device) {
        ip("a1", "link del " + device);
    }

    /** The interface of m1, with its cable to that router, becomes one of ours. */
    private long mobile() {
        Site m = lab.plan().site("m");
        Sh.must(
                "",
                "ip",
                "-n",
                lab.ns("m1").name(),
                "link",
                "set",
                "eth0",
                "netns",
                lab.ns("a1").name(),
                "name",
                "wwan0");
        return up("wwan0", m, 10);
    }

    /** A new cable to the router at home, with another address. */
    private long home() {
        ip(
                "a",
                "link add h-again type veth peer name wlan1 netns " + lab.ns("a1").name(),
                "link set h-again addrgenmode none master lan up");
        return up("wlan1", lab.plan().site("a"), 20);
    }

    private long up(String device, Site site, int number) {
        ip(
                "a1",
                "link set " + device + " addrgenmode none up",
                "addr add " + site.lan() + "." + number + "/24 dev " + device,
                "route add default via " + site.lan() + ".1");
        return System.nanoTime();
    }

    private void ip(String where, String... lines) {
        String batch = String.join("\n", lines) + "\n";
        Sh.must(batch, "ip", "-n", lab.ns(where).name(), "-batch", "-");
    }

    private long resumed(long at) {
        long until = at + 60_000_000_000L;
        while (delivery.lastAt() < at) {
            if (System.nanoTime() > until) {
                throw new LabException("not resumed within a minute");
            }
            LockSupport.parkNanos(2_000_000);
        }
        return (delivery.lastAt() - at) / 1_000_000;
    }

    private static void pause(long ms) {
        LockSupport.parkNanos(ms * 1_000_000);
    }

    private static void say(String format, Object... what) {
        System.out.printf(format + "%n", what);
        System.out.flush();
    }
}
