// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node in Karaf whose mappers are updated and drained while a tunnel to it is in use and servers
 * connect to its ports all the time.
 */
final class PortmapKaraf implements AutoCloseable {
    private static final String HOST = "k1";
    private static final int ECHO = 7001;
    private static final int ENTRY = 7002;

    /**
     * The longest time that servers may not get through, in ms: a lost SYN comes again after 1 s.
     */
    private static final long SILENCE = 1500;

    private final Lab lab;
    private final PortmapNode node;
    private Miniupnpd router;
    private PortmapStream stream;
    private PortmapProber prober;

    PortmapKaraf(Lab lab, Nodes nodes) {
        this.lab = lab;
        this.node = new PortmapNode(lab, nodes, HOST);
    }

    /** Up, mapped by UPnP although PCP is there, and a tunnel from b in use. */
    String start(PortmapNode b) throws Exception {
        PortmapWay.ipv4Only(lab, HOST);
        router = Miniupnpd.start(lab, "k", List.of("upnp", "pmp"));
        node.startKaraf(
                List.of("listen=tcp://[::]:" + PortmapNode.PORT, "portProtocols=upnp, pcp"));
        String peer = node.await();
        PortmapNode.await("mapped", 30, () -> external() != null);
        String how = "mapped by " + by();
        if (by().equals("pcp")) {
            node.must("karst:drain " + provider("pcp"));
            PortmapNode.await("held by UPnP", 20, () -> by().equals("upnp"));
            node.must("karst:undrain " + provider("pcp"));
            how += ", then by upnp";
        }
        ServerSocket echo = PortmapStream.echo(lab.ns(HOST), ECHO);
        node.must("karst:expose echo tcp://127.0.0.1:" + ECHO + " any");
        b.must("karst:connect -t 20 " + peer);
        b.must("karst:forward tcp://127.0.0.1:" + ENTRY + " " + peer + " echo");
        stream = PortmapStream.start(echo, lab.ns("b1"), ENTRY);
        prober = new PortmapProber(lab, external());
        PortmapNode.await("the tunnel carries", 20, () -> stream.bytes() > 1 << 18);
        return how + " at " + external();
    }

    private PortRow row() {
        return node.tcp(false).orElseThrow(() -> new LabException("no row"));
    }

    private String by() {
        return row().by();
    }

    private InetSocketAddress external() {
        return row().external().orElse(null);
    }

    private String provider(String mapper) {
        Matcher m =
                Pattern.compile("portmap/" + mapper + "#\\d+")
                        .matcher(node.must("karst:providers"));
        if (!m.find()) {
            throw new LabException("no mapper " + mapper);
        }
        return m.group();
    }

    private void silence() {
        if (prober.longestSilence() > SILENCE) {
            throw new LabException("not reachable for " + prober.longestSilence() + " ms");
        }
    }

    /** In place, and again: nothing closes, and the lease is still served. */
    String update(String mapper) {
        InetSocketAddress before = external();
        String old = provider(mapper);
        String bundle = "dev.karst.portmap." + mapper;
        node.must("bundle:update " + bundle + " file:" + PortmapCheck.bundle(lab, bundle));
        PortmapNode.await("another instance", 20, () -> !provider(mapper).equals(old));
        if (!by().equals(mapper) || !before.equals(external())) {
            throw new LabException("was at " + before + ", now: " + row());
        }
        silence();
        return old + " became " + provider(mapper) + ", still at " + before + longest();
    }

    private String longest() {
        return ", longest silence " + prober.longestSilence() + " ms";
    }

    /** The new instance hears of it, too. The tunnel lives on: its connection is only rerouted. */
    String reboot() throws Exception {
        InetSocketAddress at = external();
        prober.close();
        router.powerCut();
        router.boot();
        long ms = PortmapNode.await("reached again", 90, () -> PortmapNode.reaches(lab, at, 20));
        if (ms > 10_000) {
            throw new LabException("back only after " + ms + " ms");
        }
        prober = new PortmapProber(lab, external());
        return "back " + ms + " ms after the router's return";
    }

    /** The new one first, and published; then the old one goes. */
    String move(String from, String to) {
        InetSocketAddress old = external();
        node.must("karst:drain " + provider(from));
        PortmapNode.await("held by " + to, 20, () -> by().equals(to));
        InetSocketAddress now = external();
        prober.add(now);
        PortmapNode.await("reached there", 5, () -> prober.of(now).first() >= 0);
        PortmapNode.await(
                "the router has but the new one", 10, () -> router.open().equals(node.wanted()));
        silence();
        node.must("karst:undrain " + provider(from));
        return "from " + old + " to " + now + longest();
    }

    /** Every byte came back, by the session of the beginning. */
    String end() throws Exception {
        silence();
        return stream.end();
    }

    @Override
    public void close() {
        try {
            if (prober != null) {
                prober.close();
            }
            if (stream != null) {
                stream.close();
            }
        } catch (IOException e) {
            throw new LabException("cannot end: " + e, e);
        }
    }
}
