// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.Node;
import dev.karst.NodeEvent;
import dev.karst.PathInfo;
import dev.karst.Peer;
import dev.karst.PeerId;
import dev.karst.PeerState;
import dev.karst.PipeOptions;
import dev.karst.StreamPipe;
import dev.karst.Subscription;
import dev.karst.admin.Admin;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;

/** Replaces every provider once under a running stream and prints what it cost. */
@Service
@Command(
        scope = "itest",
        name = "swap",
        description = "Streams to a peer and replaces the providers of this node meanwhile")
public final class SwapCommand implements Action {
    @Reference private Node node;
    @Reference private Admin admin;

    @Argument(index = 0, name = "peer", required = true, description = "Id of the other node")
    private String peerId;

    @Argument(index = 1, name = "mib", description = "Stream at least this many MiB")
    private String mib = "1024";

    /** How one step is carried out. */
    private interface Step {
        WeakReference<ClassLoader> run(Swapper s, String bundle) throws Exception;
    }

    private record Row(String bundle, String way, double pause, int suspended, boolean collected) {}

    @Override
    public Object execute() throws Exception {
        BundleContext context = FrameworkUtil.getBundle(SwapCommand.class).getBundleContext();
        ServiceReference<Node> core = context.getServiceReference(Node.class);
        long coreId = (Long) core.getProperty("service.id");
        Peer peer =
                node.connect(PeerId.parse(peerId)).toCompletableFuture().get(30, TimeUnit.SECONDS);
        StreamPipe pipe =
                peer.openStream(Sink.PROTOCOL, PipeOptions.defaults())
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
        AtomicInteger suspended = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        Traffic traffic = new Traffic(pipe, Long.parseLong(mib) << 20);
        Progress progress = new Progress(peer);
        List<Row> rows = new ArrayList<>();
        String socketBefore;
        String socketAfter;
        String outcome;
        try (Subscription events =
                node.watch(
                        e -> {
                            if (e instanceof NodeEvent.PeerChanged c) {
                                if (c.state() == PeerState.SUSPENDED) {
                                    suspended.incrementAndGet();
                                } else if (c.state() == PeerState.CLOSED) {
                                    closed.incrementAndGet();
                                }
                            }
                        })) {
            traffic.start();
            progress.start();
            Swapper swapper = new Swapper(context, admin);
            socketBefore = socket(peer);
            step(
                    rows,
                    swapper,
                    progress,
                    suspended,
                    "dev.karst.net.netty",
                    "beside",
                    Swapper::beside);
            socketAfter = socket(peer);
            step(
                    rows,
                    swapper,
                    progress,
                    suspended,
                    "dev.karst.net.netty",
                    "in place",
                    Swapper::inPlace);
            for (String name : new String[] {"dev.karst.transport.tcp", cryptoBundle(context)}) {
                step(rows, swapper, progress, suspended, name, "beside", Swapper::beside);
                step(rows, swapper, progress, suspended, name, "in place", Swapper::inPlace);
            }
            for (String name :
                    new String[] {"dev.karst.signaling.mqtt", "dev.karst.directory.mqtt"}) {
                step(
                        rows,
                        swapper,
                        progress,
                        suspended,
                        name,
                        "away 1 s",
                        (s, n) -> s.away(n, 1000));
            }
            outcome = traffic.end(180_000);
        } finally {
            progress.end();
        }
        long coreNow = (Long) context.getServiceReference(Node.class).getProperty("service.id");
        int leaks = 0;
        int beside = 0;
        double worst = 0;
        for (Row r : rows) {
            leaks += r.collected ? 0 : 1;
            beside += r.way.equals("beside") ? r.suspended : 0;
            worst = Math.max(worst, r.pause);
        }
        boolean same = socketBefore.equals(socketAfter);
        System.out.println(
                "TCP connection over the replacement of net.netty: "
                        + socketBefore
                        + (same ? " (the same after)" : " -> " + socketAfter));
        System.out.println("hash " + outcome + ", sent " + (traffic.sent >> 20) + " MiB");
        boolean ok =
                outcome.equals("equal")
                        && closed.get() == 0
                        && leaks == 0
                        && beside == 0
                        && same
                        && coreNow == coreId;
        System.out.printf(
                Locale.ROOT,
                "RESULT cases=%d hash=%s closed=%d suspended_beside=%d loaders_kept=%d"
                        + " same_socket=%b core_same=%b pause_max_ms=%.0f ok=%b%n",
                rows.size(),
                outcome.replace(' ', '_'),
                closed.get(),
                beside,
                leaks,
                same,
                coreNow == coreId,
                worst,
                ok);
        if (!ok) {
            throw new IllegalStateException("the swap did not hold: see above");
        }
        return null;
    }

    private static String cryptoBundle(BundleContext context) {
        for (Bundle b : context.getBundles()) {
            if ("dev.karst.crypto.bouncycastle".equals(b.getSymbolicName())) {
                return b.getSymbolicName();
            }
        }
        return "dev.karst.crypto.jca";
    }

    private static void step(
            List<Row> rows,
            Swapper swapper,
            Progress progress,
            AtomicInteger suspended,
            String bundle,
            String way,
            Step step)
            throws Exception {
        progress.take();
        int before = suspended.get();
        WeakReference<ClassLoader> old;
        try {
            old = step.run(swapper, bundle);
        } catch (Exception e) {
            throw new IllegalStateException(bundle + " " + way + ": " + Swapper.text(e), e);
        }
        new java.util.concurrent.CountDownLatch(1).await(1500, TimeUnit.MILLISECONDS);
        double pause = progress.take();
        boolean collected = Swapper.collected(old);
        Row row = new Row(bundle, way, pause, suspended.get() - before, collected);
        rows.add(row);
        System.out.printf(
                Locale.ROOT,
                "%-32s %-9s longest pause %6.0f ms  suspended %d  old classes %s%n",
                bundle,
                way,
                pause,
                row.suspended,
                collected ? "collected" : "KEPT");
    }

    private static String socket(Peer peer) {
        for (PathInfo p : peer.paths()) {
            if (p.inUse()) {
                return p.local() + " - " + p.remote();
            }
        }
        return "none";
    }
}
