// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.Node;
import dev.karst.PeerId;
import dev.karst.PeerState;
import dev.karst.admin.Admin;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.apache.karaf.shell.api.action.Action;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** Replaces random providers again and again under the traffic of many peers. */
@Service
@Command(
        scope = "itest",
        name = "soak",
        description = "Replaces random providers under hashed streams with many peers")
public final class SoakCommand implements Action {
    private static final int RECORD = 16 * 1024;
    private static final int SAMPLES = 20;
    private static final int ENOUGH = 200;

    /**
     * What each swap may leave on the heap. Felix keeps some 6 KiB of a bundle with components that
     * is uninstalled (SCR does not give Configuration Admin back for it, so that the bundle stays
     * in the table of services in use); a class loader of the smallest provider would be 100 KiB.
     */
    private static final int KIB_PER_SWAP = 6;

    private static final int MOST_FAULTS = 20;

    @Reference private Node node;
    @Reference private Admin admin;

    @Argument(
            index = 0,
            name = "peers",
            required = true,
            multiValued = true,
            description = "Ids of the other nodes")
    private List<String> peers;

    @Option(name = "--swaps", description = "How many")
    private int swaps = 1000;

    @Option(name = "--seed", description = "Which providers and ways, in which order")
    private long seed = System.nanoTime() & 0xffffff;

    @Option(
            name = "--warm",
            description =
                    "How often each provider is replaced both ways before it counts: twenty JVMs that"
                            + " load their classes on two processors are not what is measured")
    private int warm = 1;

    @Option(name = "--only", description = "Part of the name of the providers to replace")
    private String only = "";

    @Option(name = "--rate", description = "KiB per second, each way, of each peer")
    private int rate = 128;

    @Option(
            name = "--patience",
            description = "Milliseconds that the 99th percentile of the pauses may last")
    private int patience = 1000;

    private record Sample(int swaps, long heap, int classes, int threads) {}

    private final List<Load> loads = new ArrayList<>();
    private final List<Sample> samples = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private final TreeMap<String, List<Double>> byCase = new TreeMap<>();
    private final List<Double> inPlace = new ArrayList<>();
    private int beside;
    private int done;

    @Override
    public Object execute() throws Exception {
        BundleContext context = FrameworkUtil.getBundle(SoakCommand.class).getBundleContext();
        Swapper swapper = new Swapper(context, admin);
        Random random = new Random(seed);
        List<String> bundles =
                Cases.all().stream()
                        .map(Cases.Subject::bundle)
                        .filter(b -> b.contains(only))
                        .filter(b -> swapper.has(b) && !swapper.providersOf(b).isEmpty())
                        .toList();
        long begun = System.nanoTime();
        long core = core(context);
        System.out.println("seed " + seed + ", " + bundles.size() + " providers");
        try (Pauses all = new Pauses(node, null)) {
            for (String id : peers) {
                loads.add(new Load(node, PeerId.parse(id), RECORD, rate << 10, false));
            }
            TableCommand.rest(3000);
            warm(swapper, all, bundles);
            sample();
            long said = System.nanoTime();
            while (done < swaps) {
                String bundle = bundles.get(random.nextInt(bundles.size()));
                swap(swapper, all, bundle, random.nextBoolean());
                done++;
                if (done * SAMPLES / swaps > (done - 1) * SAMPLES / swaps) {
                    sample();
                }
                if (System.nanoTime() - said > 10_000_000_000L) {
                    said = System.nanoTime();
                    say(begun);
                }
            }
            return result(all, begun, core == core(context));
        } finally {
            loads.forEach(Load::close);
        }
    }

    /** What is lost, suspended or not done counts here, too; how long it takes does not. */
    private void warm(Swapper swapper, Pauses all, List<String> bundles)
            throws InterruptedException {
        for (int i = 0; i < warm; i++) {
            for (String bundle : bundles) {
                swap(swapper, all, bundle, true);
                swap(swapper, all, bundle, false);
            }
        }
        inPlace.sort(null);
        System.out.printf(
                Locale.ROOT,
                "warmed by %d swaps: %d told pauses, p50 %.0f ms, longest %.0f ms%n",
                2 * warm * bundles.size(),
                inPlace.size(),
                Row.quantile(inPlace, 0.5),
                Row.quantile(inPlace, 1));
        inPlace.clear();
        byCase.clear();
    }

    private static long core(BundleContext context) {
        return (Long) context.getServiceReference(Node.class).getProperty("service.id");
    }

    private void swap(Swapper swapper, Pauses all, String bundle, boolean besideOld)
            throws InterruptedException {
        String what = bundle.replace("dev.karst.", "") + (besideOld ? " beside" : " in place");
        int suspendedBefore = all.suspended();
        int toldBefore = all.lengths().size();
        try {
            if (besideOld) {
                swapper.beside(bundle);
            } else {
                swapper.inPlace(bundle);
            }
        } catch (Exception e) {
            fault(what + ": " + Swapper.text(e));
        }
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30); !connected(); ) {
            if (System.nanoTime() > end) {
                fault(what + ": not all are connected again within 30 s");
                break;
            }
            TableCommand.rest(5);
        }
        int suspended = all.suspended() - suspendedBefore;
        if (besideOld && suspended > 0) {
            beside += suspended;
            fault(what + ": " + suspended + " suspended");
        }
        List<Double> told = all.lengths();
        for (double ms : told.subList(Math.min(toldBefore, told.size()), told.size())) {
            if (!besideOld) {
                inPlace.add(ms);
            }
            byCase.computeIfAbsent(what, k -> new ArrayList<>()).add(ms);
        }
    }

    private boolean connected() {
        return loads.stream().allMatch(l -> l.peer().state() == PeerState.CONNECTED);
    }

    private void fault(String what) {
        if (faults.size() < MOST_FAULTS) {
            faults.add(done + " " + what);
            System.out.println("FAULT at swap " + done + ": " + what);
        }
    }

    /** What is in use after a collection; the classes of replaced bundles must be gone from it. */
    private void sample() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            TableCommand.rest(100);
        }
        samples.add(
                new Sample(
                        done,
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                        ManagementFactory.getClassLoadingMXBean().getLoadedClassCount(),
                        ManagementFactory.getThreadMXBean().getThreadCount()));
    }

    private void say(long begun) {
        Sample s = samples.get(samples.size() - 1);
        long moved = 0;
        for (Load l : loads) {
            moved += l.stream().received();
        }
        System.out.printf(
                Locale.ROOT,
                "%4d s  %4d swaps  %5d MiB in  %d told pauses  heap %d MiB  classes %d%n",
                (System.nanoTime() - begun) / 1_000_000_000,
                done,
                moved >> 20,
                inPlace.size(),
                s.heap >> 20,
                s.classes);
        System.out.flush();
    }

    /** Median of a quarter of the samples, 0 to 3. */
    private double middle(int quarter, ToDoubleFunction<Sample> what) {
        int each = samples.size() / 4;
        return samples.subList(quarter * each, (quarter + 1) * each).stream()
                .mapToDouble(what)
                .sorted()
                .skip(each / 2)
                .findFirst()
                .orElse(0);
    }

    private void told(String what, List<Double> pauses) {
        pauses.sort(null);
        System.out.printf(
                Locale.ROOT,
                "%-34s %5d told pauses, p50 %5.0f ms, longest %5.0f ms, %3d over %d ms%n",
                what,
                pauses.size(),
                Row.quantile(pauses, 0.5),
                pauses.get(pauses.size() - 1),
                pauses.stream().filter(ms -> ms > patience).count(),
                patience);
    }

    private Object result(Pauses seen, long begun, boolean sameCore) throws InterruptedException {
        int lost = seen.closed();
        long bytes = 0;
        for (Load l : loads) {
            if (!l.alive() || !l.caughtUp()) {
                bytes += RECORD * Math.max(1, l.stream().bad());
                fault("the stream with " + l.peer().id() + ": " + l.stream().failure());
            }
        }
        inPlace.sort(null);
        byCase.forEach((what, all) -> told(what, all));
        Sample first = samples.get(0);
        Sample middle = samples.get(samples.size() / 2);
        Sample last = samples.get(samples.size() - 1);
        for (Sample s : List.of(first, middle, last)) {
            System.out.printf(
                    Locale.ROOT,
                    "after %4d swaps: heap %d KiB, %d classes, %d threads%n",
                    s.swaps,
                    s.heap >> 10,
                    s.classes,
                    s.threads);
        }
        double perSwap = (middle(3, s -> s.heap) - middle(1, s -> s.heap)) / 1024 / (swaps / 2.0);
        boolean flat =
                swaps < ENOUGH
                        || perSwap <= KIB_PER_SWAP
                                && middle(3, s -> s.classes) <= middle(1, s -> s.classes) * 1.05;
        double p99 = Row.quantile(inPlace, 0.99);
        boolean ok = lost == 0 && bytes == 0 && beside == 0 && flat && sameCore && p99 <= patience;
        System.out.printf(
                Locale.ROOT,
                "RESULT swaps=%d peers=%d sessions_lost=%d bytes_lost=%d pause_p50_ms=%.0f"
                        + " pause_p99_ms=%.0f suspended_beside=%d flat=%b heap_kib_per_swap=%.1f"
                        + " core_same=%b faults=%d"
                        + " seconds=%d seed=%d ok=%b%n",
                done,
                loads.size(),
                lost,
                bytes,
                Row.quantile(inPlace, 0.5),
                p99,
                beside,
                flat,
                perSwap,
                sameCore,
                faults.size(),
                (System.nanoTime() - begun) / 1_000_000_000,
                seed,
                ok && faults.isEmpty());
        if (!ok || !faults.isEmpty()) {
            throw new IllegalStateException("the soak did not hold: see above");
        }
        return null;
    }
}
