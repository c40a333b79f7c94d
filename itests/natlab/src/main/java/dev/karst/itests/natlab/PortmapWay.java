// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;

/** One way to open a port, from the first request to the last, by a node that may use no other. */
final class PortmapWay {
    /** Names of the check, the site, the mapper, what the router speaks, and the family. */
    enum Kind {
        UPNP("upnp", "u", "upnp", "upnp", false),
        NATPMP("natpmp", "n", "natpmp", "pmp", false),
        PCP("pcp", "p", "pcp", "pmp", false),
        PCP6("pcp6", "q", "pcp", "pmp", true),
        PINHOLE("pinhole", "w", "upnp", "upnp", true);

        final String word;
        final String site;
        final String mapper;
        final String speaks;
        final boolean six;

        Kind(String word, String site, String mapper, String speaks, boolean six) {
            this.word = word;
            this.site = site;
            this.mapper = mapper;
            this.speaks = speaks;
            this.six = six;
        }

        /**
         * How long a mapping may outlive its node: miniupnpd forgets whose a PCP pinhole is once it
         * was renewed, so that only its lifetime can be cut, to two minutes.
         */
        int patience() {
            return this == PCP6 ? 130 : 5;
        }
    }

    final Kind kind;
    final PortmapNode node;
    final Miniupnpd router;
    final InetSocketAddress outside;
    private final Lab lab;
    private Instant firstEnd;

    PortmapWay(Kind kind, Lab lab, Nodes nodes) {
        this.kind = kind;
        this.lab = lab;
        Site site = lab.plan().site(kind.site);
        this.node = new PortmapNode(lab, nodes, site.host(1));
        if (!kind.six) {
            ipv4Only(lab, site.host(1));
        }
        this.router = Miniupnpd.start(lab, kind.site, List.of(kind.speaks));
        String address = kind.six ? site.lan6() + "a" : lab.plan().wan(site);
        this.outside = new InetSocketAddress(address, PortmapNode.PORT);
    }

    static void ipv4Only(Lab lab, String host) {
        Sh.must("", Sh.in(lab.ns(host), "ip", "-6", "addr", "flush", "dev", "eth0"));
    }

    private List<String> settings(int port) {
        return List.of(
                // Of one family: a connection shows by which mapping it came.
                "listen=tcp://"
                        + (kind.six ? "[" + outside.getAddress().getHostAddress() + "]" : "0.0.0.0")
                        + ":"
                        + port,
                "portProtocols=" + kind.mapper,
                // The shortest there is: renewed after a minute.
                "portLifetime=120");
    }

    /** Open, shown, on the router, and usable from outside. */
    String map() {
        node.start(settings(PortmapNode.PORT));
        PortmapNode.Usable usable = node.usable(outside);
        PortRow row = mine();
        firstEnd = row.until().orElseThrow();
        onRouter();
        return usable + "; reachable " + row.reachable();
    }

    private PortRow mine() {
        PortRow row =
                node.tcp(kind.six)
                        .filter(r -> r.external().isPresent())
                        .orElseThrow(() -> new LabException(node.must("karst:ports")));
        if (!row.by().equals(kind.mapper) || !row.external().get().equals(outside)) {
            throw new LabException("another mapping: " + row);
        }
        return row;
    }

    /** The router has what the node says, all of it and nothing else. */
    private void onRouter() {
        onRouter(5);
    }

    private void onRouter(int seconds) {
        TreeSet<String> wanted = new TreeSet<>();
        try {
            PortmapNode.await(
                    "the router has what the node says",
                    seconds,
                    () -> {
                        wanted.clear();
                        wanted.addAll(node.wanted());
                        return router.open().equals(wanted);
                    });
        } catch (LabException e) {
            throw new LabException(
                    e.getMessage() + ": " + wanted + ", but it has " + router.open());
        }
    }

    /** Still there when the first lease would have run out. */
    String renewed() {
        long left = Instant.now().until(firstEnd, java.time.temporal.ChronoUnit.SECONDS) + 4;
        if (left > 0) {
            java.util.concurrent.locks.LockSupport.parkNanos(left * 1_000_000_000L);
        }
        PortRow row = mine();
        if (!row.until().orElseThrow().isAfter(firstEnd.plusSeconds(30))) {
            throw new LabException("was to end at " + firstEnd + ", now: " + row);
        }
        if (!PortmapNode.reaches(lab, outside, 500)) {
            throw new LabException("not reached after its renewal");
        }
        onRouter();
        return "until " + firstEnd + ", then until " + row.until().get();
    }

    /** The router comes back and knows nothing. */
    String rebooted() {
        TreeSet<String> before = router.open();
        router.powerCut();
        if (PortmapNode.reaches(lab, outside, 300)) {
            throw new LabException("the router forgot nothing");
        }
        long begin = System.nanoTime();
        router.boot();
        PortmapNode.await("reached again", 90, () -> PortmapNode.reaches(lab, outside, 20));
        long reached = (System.nanoTime() - begin) / 1_000_000;
        PortmapNode.await("all are back: " + before, 90, () -> router.open().equals(before));
        long all = (System.nanoTime() - begin) / 1_000_000;
        String how = "back " + reached + " ms after the router began, UDP, too, after " + all;
        if (all > 10_000) {
            throw new LabException(how);
        }
        return how;
    }

    /** Killed; begins again on the same port, then on another. */
    String crashed() {
        long same = killed(PortmapNode.PORT);
        mine();
        long other = killed(PortmapNode.PORT + 1);
        return "no orphan " + same + " ms after READY; " + other + " ms with another port";
    }

    /** In ms after READY: all is as the node says, and by these mappings alone it is reached. */
    private long killed(int port) {
        node.kill();
        node.start(settings(port));
        node.await();
        long ready = System.nanoTime();
        InetSocketAddress at = new InetSocketAddress(outside.getAddress(), port);
        PortmapNode.await("reached again", 20, () -> PortmapNode.reaches(lab, at, 20));
        onRouter(kind.patience());
        return (System.nanoTime() - ready) / 1_000_000;
    }

    String stopped() {
        node.stop();
        long ms =
                PortmapNode.await(
                        "the router has nothing left of " + router.open(),
                        kind.patience(),
                        () -> router.open().isEmpty());
        return "the router was empty " + ms + " ms after the node ended";
    }
}
