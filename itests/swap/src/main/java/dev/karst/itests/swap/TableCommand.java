// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.Endpoint;
import dev.karst.Node;
import dev.karst.PeerId;
import dev.karst.admin.Admin;
import dev.karst.admin.ProviderInfo;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** Every provider, every way to replace it, under traffic at full speed both ways. */
@Service
@Command(
        scope = "itest",
        name = "table",
        description = "Replaces each provider each way under full traffic and prints a table")
public final class TableCommand implements Action {
    private static final int RECORD = 256 * 1024;
    private static final long AWAY_MILLIS = 5000;
    private static final long OBSERVED_MILLIS = 1500;

    /** An address at a relay is given back after 30 s without use, looked at every 30 s. */
    private static final long RELAY_MILLIS = 75_000;

    @Reference private Node node;
    @Reference private Admin admin;

    @Argument(index = 0, name = "peer", required = true, description = "Id of the other node")
    private String peerId;

    @Option(name = "--rounds", description = "How often each case is repeated")
    private int rounds = 1;

    @Option(name = "--only", description = "Only providers whose name has one of these parts")
    private String only = "";

    @Option(name = "--ways", description = "Only these ways, by commas")
    private String ways = String.join(",", Cases.WAYS);

    private BundleContext context;
    private Swapper swapper;
    private Load load;
    private Faults faults;

    @Override
    public Object execute() throws Exception {
        context = FrameworkUtil.getBundle(TableCommand.class).getBundleContext();
        swapper = new Swapper(context, admin);
        List<Row> rows = new ArrayList<>();
        long begun = System.nanoTime();
        try {
            open();
            System.out.println("path " + load.path());
            System.out.println(Row.head());
            rest(3000);
            load.longest();
            rows.add(row("nothing", "-", () -> null));
            say(rows);
            Footprint first = Footprint.now();
            int paths = load.tcpPaths();
            for (Cases.Subject s : Cases.all()) {
                if (!wanted(s.bundle()) || !swapper.has(s.bundle())) {
                    continue;
                }
                for (String way : ways.split(",")) {
                    if (s.left().contains(way)) {
                        System.out.printf(
                                "%-24s %-9s left out: %s%n",
                                s.bundle().replace("dev.karst.", ""), way, s.why());
                        continue;
                    }
                    rows.add(row(s.bundle(), way, () -> replace(s.bundle(), way)));
                    say(rows);
                }
            }
            rows.add(leftOver(first, paths));
            say(rows);
        } finally {
            if (load != null) {
                load.close();
            }
        }
        return result(rows, begun);
    }

    private boolean wanted(String bundle) {
        for (String part : only.split(",")) {
            if (bundle.contains(part)) {
                return true;
            }
        }
        return false;
    }

    private static void say(List<Row> rows) {
        System.out.println(rows.get(rows.size() - 1).line());
        System.out.flush();
    }

    private Object result(List<Row> rows, long begun) {
        int lost = 0;
        long bytes = 0;
        int beside = 0;
        long outside = 0;
        int failed = 0;
        List<Double> pauses = new ArrayList<>();
        for (Row r : rows) {
            lost += r.sessionsLost();
            bytes += r.bytesLost();
            beside += r.way().equals("beside") ? r.suspended() : 0;
            outside += r.outside();
            failed += r.faults().isEmpty() ? 0 : 1;
            pauses.addAll(r.pauses());
        }
        pauses.sort(null);
        System.out.printf(
                "RESULT cases=%d sessions_lost=%d bytes_lost=%d suspended_beside=%d"
                        + " datagrams_lost_outside_pauses=%d failed=%d pause_p50_ms=%.0f"
                        + " pause_p99_ms=%.0f seconds=%d%n",
                rows.size() - 2,
                lost,
                bytes,
                beside,
                outside,
                failed,
                Row.quantile(pauses, 0.5),
                Row.quantile(pauses, 0.99),
                (System.nanoTime() - begun) / 1_000_000_000);
        if (failed > 0 || lost > 0 || bytes > 0) {
            throw new IllegalStateException(failed + " cases did not hold: see above");
        }
        return null;
    }

    /** Something done to the providers; the old class loader, if one must go. */
    interface Deed {
        WeakReference<ClassLoader> run() throws Exception;
    }

    private WeakReference<ClassLoader> replace(String bundle, String way) throws Exception {
        return switch (way) {
            case "beside" -> swapper.beside(bundle);
            case "in-place" -> swapper.inPlace(bundle);
            case "away" -> swapper.away(bundle, AWAY_MILLIS);
            case "throw", "hang" -> {
                faults = new Faults(node, admin, swapper, load);
                yield faults.make(bundle, way);
            }
            default -> throw new IllegalArgumentException("no way " + way);
        };
    }

    private void open() throws Exception {
        if (load != null) {
            load.close();
        }
        load = new Load(node, PeerId.parse(peerId), RECORD, 0, true);
        load.watch();
    }

    private Row row(String bundle, String way, Deed deed) throws Exception {
        List<Double> pauses = new ArrayList<>();
        List<String> wrong = new ArrayList<>();
        String remark = "";
        int suspended = 0;
        int sessionsLost = 0;
        long bytesLost = 0;
        long[] lost = new long[2];
        for (int round = 0; round < rounds; round++) {
            if (!load.alive()) {
                open();
            }
            if (!load.caughtUp()) {
                wrong.add("nothing moves, before anything is done");
            }
            rest(500);
            Footprint before = Footprint.now();
            int pathsBefore = load.tcpPaths();
            List<ProviderInfo> aside = aside(bundle);
            if (way.equals("throw") || way.equals("hang")) {
                aside.forEach(p -> admin.undrain(p.ref())); // the next best is needed
            }
            Places places = new Places();
            long core = core();
            int suspendedBefore = load.pauses().suspended();
            long doubledBefore = load.datagrams().doubled();
            long start = System.nanoTime();
            load.longest();
            WeakReference<ClassLoader> old = null;
            faults = null;
            try {
                old = deed.run();
            } catch (Exception e) {
                wrong.add(Swapper.text(e));
            }
            rest(OBSERVED_MILLIS);
            boolean all = load.alive() && load.caughtUp();
            pauses.add(load.longest());
            suspended += load.pauses().suspended() - suspendedBefore;
            if (!load.alive()) {
                sessionsLost++;
                wrong.add("session or stream lost: " + load.stream().failure());
            } else if (!all) {
                wrong.add("not all bytes came: " + load.stream().bad() + " records wrong");
            }
            bytesLost += all ? 0 : load.stream().bad() > 0 ? load.stream().bad() * RECORD : RECORD;
            if (way.equals("beside") && suspended > 0) {
                wrong.add("suspended");
            }
            if (core() != core) {
                wrong.add("core is another one");
            }
            if (old != null && !Swapper.collected(old)) {
                wrong.add("old classes are kept");
            }
            if (bundle.equals("dev.karst.net.netty") && !way.equals("throw")) {
                places.check(wrong, way.equals("away"));
            }
            aside.forEach(p -> admin.undrain(p.ref()));
            settle(before, pathsBefore - 1, RELAY_MILLIS, wrong); // a relay's
            long[] now = load.lost(start);
            lost[0] += now[0];
            lost[1] += now[1];
            if (way.equals("beside") && now[0] > 0) {
                wrong.add(now[0] + " datagrams lost " + load.gaps(start));
            } else if (now[1] > 0) {
                wrong.add(now[1] + " datagrams lost outside of pauses " + load.gaps(start));
            }
            if (load.datagrams().doubled() > doubledBefore) {
                wrong.add("datagrams came twice");
            }
            remark = load.transport();
            if (faults != null) {
                remark += ", " + faults.seen();
                wrong.addAll(faults.wrong());
            }
        }
        return new Row(
                bundle,
                way,
                pauses,
                suspended,
                sessionsLost,
                bytesLost,
                lost[0],
                lost[1],
                wrong,
                remark);
    }

    /** What all cases together left behind. */
    private Row leftOver(Footprint first, int paths) throws Exception {
        List<String> wrong = new ArrayList<>();
        settle(first, paths, RELAY_MILLIS, wrong);
        return new Row("everything", "-", List.of(), 0, 0, 0, 0, 0, wrong, "after all cases");
    }

    /** Puts the traffic on the provider under test, where another carries it otherwise. */
    private List<ProviderInfo> aside(String bundle) throws Exception {
        List<ProviderInfo> out = new ArrayList<>();
        String carrier = bundle.replace("dev.karst.transport.", "");
        if (bundle.startsWith("dev.karst.transport.") && !load.transport().equals(carrier)) {
            for (ProviderInfo p : admin.providers()) {
                if (p.ref().kind().equals("transport") && !p.ref().name().equals(carrier)) {
                    admin.drain(p.ref(), Duration.ofSeconds(30))
                            .toCompletableFuture()
                            .get(40, TimeUnit.SECONDS);
                    out.add(p);
                }
            }
        }
        return out;
    }

    private long core() {
        return (Long) context.getServiceReference(Node.class).getProperty("service.id");
    }

    private void settle(Footprint before, int paths, long millis, List<String> wrong)
            throws Exception {
        List<String> more = List.of("?");
        for (long end = System.nanoTime() + millis * 1_000_000;
                !more.isEmpty() && System.nanoTime() < end; ) {
            more = Footprint.now().moreThan(before, load.tcpPaths() - paths);
            rest(250);
        }
        if (!more.isEmpty()) {
            wrong.add("more than before: " + String.join(", ", more) + "; paths " + load.paths());
        }
    }

    static void rest(long millis) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(millis);
    }

    /** The sockets and where they stand, which a net driver must leave alone. */
    private final class Places {
        private final String path = load.path();
        private final Set<String> listening = texts();
        private final Set<String> sockets;

        Places() throws Exception {
            sockets = new HashSet<>(Footprint.now().sockets());
            rest(500);
            sockets.retainAll(Footprint.now().sockets()); // without those that come and go
        }

        private Set<String> texts() {
            Set<String> out = new HashSet<>();
            for (Endpoint e : node.listening()) {
                out.add(e.toString());
            }
            return out;
        }

        /** After seconds without a driver the peer rightly gives the connection up. */
        void check(List<String> wrong, boolean silent) throws Exception {
            if (!silent && !path.equals(load.path())) {
                wrong.add("path " + path + " became " + load.path());
            }
            if (!listening.equals(texts())) {
                wrong.add("listened at " + listening + ", now " + texts());
            }
            Set<String> gone = new HashSet<>(sockets);
            gone.removeAll(Footprint.now().sockets());
            if (gone.size() > (silent ? 1 : 0)) {
                wrong.add(gone.size() + " of " + sockets.size() + " sockets closed");
            }
        }
    }
}
