// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/** The cases of the port mapping check that are not one way's own. */
final class PortmapOthers {
    private static final int MIB = 1 << 20;

    /** How long the first mapping took, and all of it in words. */
    record First(long ms, String text) {}

    private final Lab lab;
    private final Nodes nodes;
    private PortmapNode b;

    PortmapOthers(Lab lab, Nodes nodes) {
        this.lab = lab;
        this.nodes = nodes;
    }

    /**
     * A node behind a symmetric router without any mapping, which the others are to be reached by.
     */
    private PortmapNode b() {
        if (b == null) {
            PortmapNode node = new PortmapNode(lab, nodes, "b1");
            node.start(List.of("portMapping=false"));
            node.await();
            b = node;
        }
        return b;
    }

    private static String line(String out, String start) {
        return out.lines().filter(l -> l.startsWith(start)).findFirst().orElse("");
    }

    /** Without a mapping, the same two get no direct connection by TCP. */
    String connectWithout() {
        PortmapWay.ipv4Only(lab, "x1");
        PortmapNode x = new PortmapNode(lab, nodes, "x1");
        x.start(List.of("listen=tcp://[::]:" + PortmapNode.PORT, "portMapping=false"));
        String peer = x.await();
        x.must("karst:expose nothing tcp://127.0.0.1:9 any");
        Sh.Done done = b().exec("karst:connect -t 10 " + peer);
        x.stop();
        if (line(done.out(), "path").contains("direct over tcp")) {
            throw new LabException("connected all the same: " + done.out());
        }
        return "as it should be, there is no direct connection";
    }

    /** Directly to the mapped port, with a file sent through. */
    String connect(PortmapWay way) throws Exception {
        String peer = way.node.peer();
        Path from = lab.folder().resolve("out-" + way.kind.word + ".bin");
        Path to = Files.createDirectories(lab.folder().resolve("in-" + way.kind.word));
        byte[] data = new byte[MIB];
        new Random(way.kind.ordinal()).nextBytes(data);
        Files.write(from, data);
        CompletableFuture<String> receiving =
                CompletableFuture.supplyAsync(
                        () -> way.node.must("karst:receive --from any -n 1 -t 60 -d " + to),
                        t -> new Thread(t).start());
        // Who has opened nothing to anybody does not answer signals.
        way.node.must("karst:expose nothing tcp://127.0.0.1:9 any");
        String connected = b().must("karst:connect -t 20 " + peer);
        String place = "-> tcp://" + text(way.outside);
        String path = line(connected, "path");
        if (!path.contains("direct over tcp") || !path.contains(place)) {
            throw new LabException("not by " + place + ": " + connected);
        }
        String sent = b().must("karst:send " + peer + " " + from);
        receiving.get(60, TimeUnit.SECONDS);
        Path got = to.resolve(from.getFileName().toString());
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(data);
        if (!Arrays.equals(
                hash, MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(got)))) {
            throw new LabException("another file arrived");
        }
        return line(connected, "connected") + " " + place.substring(3) + ", " + line(sent, "sent");
    }

    private static String text(InetSocketAddress at) {
        boolean six = at.getAddress().getAddress().length == 16;
        String host = at.getAddress().getHostAddress();
        return six
                ? "[" + host.replaceFirst("(:0)+:", "::") + "]:" + at.getPort()
                : host + ":" + at.getPort();
    }

    /** Of a node that may use every way; the middle of five. */
    First firstMapping() {
        PortmapWay.ipv4Only(lab, "x1");
        Miniupnpd router = Miniupnpd.start(lab, "x", List.of("upnp", "pmp"));
        InetSocketAddress outside =
                new InetSocketAddress(lab.plan().wan(lab.plan().site("x")), PortmapNode.PORT);
        List<Long> all = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            PortmapNode x = new PortmapNode(lab, nodes, "x1");
            x.start(List.of("listen=tcp://[::]:" + PortmapNode.PORT, "portMapping=true"));
            PortmapNode.Usable usable = x.usable(outside);
            all.add(usable.afterReady());
            texts.add(usable.afterReady() + " (" + usable.afterStart() + ")");
            x.stop();
            PortmapNode.await("the router is empty", 5, () -> router.open().isEmpty());
        }
        long middle = all.stream().sorted().toList().get(2);
        String text = "ms after READY (after the process began): " + String.join(", ", texts);
        if (middle > 300) {
            throw new LabException(text);
        }
        return new First(middle, text);
    }

    /** miniupnpd refuses to work with such an address; the node says so, and is none the worse. */
    String behindCgnat() {
        return atC(List.of("upnp", "pmp"));
    }

    /** A router that claims a public address which is not where servers see us. */
    String uselessMapping() {
        return atC(List.of("upnp", "pmp", "ip=45.45.0.99"));
    }

    private String atC(List<String> words) {
        PortmapWay.ipv4Only(lab, "c1");
        Miniupnpd router = Miniupnpd.start(lab, "c", words);
        PortmapNode c = new PortmapNode(lab, nodes, "c1");
        long begin = System.nanoTime();
        c.start(List.of("listen=tcp://[::]:" + PortmapNode.PORT));
        c.await();
        long ready = (System.nanoTime() - begin) / 1_000_000;
        String[] said = {""};
        try {
            // Without a mapping the reason stands below the table.
            PortmapNode.await(
                    "a reason",
                    20,
                    () -> {
                        said[0] = c.must("karst:ports");
                        return said[0].contains("tcp 192.168.")
                                || c.tcp(false)
                                        .filter(r -> r.reachable().startsWith("no"))
                                        .isPresent();
                    });
        } catch (LabException e) {
            throw new LabException(e.getMessage() + ": " + said[0]);
        }
        boolean open = c.tcp(false).flatMap(PortRow::external).isPresent();
        String why =
                open
                        ? c.tcp(false).orElseThrow().reachable()
                        : said[0].lines()
                                .filter(l -> l.startsWith("tcp 192.168."))
                                .findFirst()
                                .orElseThrow();
        c.stop();
        PortmapNode.await("the router is empty", 5, () -> router.open().isEmpty());
        router.powerCut();
        return "READY after " + ready + " ms; " + (open ? "mapped, reachable " : "") + why;
    }

    /** Updates of mappers and a change of protocol, in Karaf, while a tunnel is in use. */
    void karaf(BiFunction<String, PortmapCheck.Case, Boolean> run) {
        PortmapKaraf k = new PortmapKaraf(lab, nodes);
        try {
            if (run.apply("Karaf", () -> k.start(b()))) {
                run.apply("update upnp", () -> k.update("upnp"));
                run.apply("reboot, updated", k::reboot);
                run.apply("upnp to pcp", () -> k.move("upnp", "pcp"));
                run.apply("update pcp", () -> k.update("pcp"));
                run.apply("the tunnel", k::end);
            }
        } finally {
            k.close();
        }
    }
}
