// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import dev.karst.admin.Admin;
import dev.karst.admin.Upgrades;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The operator's upgrades, where Karaf's features are. */
@Component(service = Upgrades.class, immediate = true)
public final class KarafUpgrades implements Upgrades {
    private static final System.Logger LOG = System.getLogger(KarafUpgrades.class.getName());

    /** Taking back is careful, too, but somebody waits for it. */
    private static final Duration BACK_WATCH = Duration.ofSeconds(10);

    private static final Duration BACK_DRAIN = Duration.ofSeconds(30);
    private static final double BACK_SHARE = 0.1;

    private final BundleContext context;
    private final Path dir;
    private final History history;
    private final ExecutorService thread = Outside.thread();
    private final AtomicReference<CountDownLatch> running = new AtomicReference<>();

    @Reference(policy = ReferencePolicy.DYNAMIC, cardinality = ReferenceCardinality.OPTIONAL)
    private volatile FeaturesService features;

    @Reference(policy = ReferencePolicy.DYNAMIC, cardinality = ReferenceCardinality.OPTIONAL)
    private volatile Admin admin;

    /** Finds the plan, or says why not. */
    private interface Search {
        Plan in(Finder finder) throws Exception;
    }

    @Activate
    public KarafUpgrades(BundleContext context) throws IOException {
        this.context = context;
        String data = context.getProperty("karaf.data");
        this.dir =
                data == null
                        ? context.getDataFile("upgrade").toPath()
                        : Path.of(data, "karst", "upgrade");
        this.history = new History(dir.resolve("history.properties"));
    }

    @Deactivate
    void deactivate() throws InterruptedException {
        abort();
        thread.shutdown();
        if (!thread.awaitTermination(20, TimeUnit.SECONDS)) {
            thread.shutdownNow();
        }
    }

    @Override
    public CompletionStage<Outcome> upgrade(Request request, Consumer<String> progress) {
        return submit(f -> f.find(request.what(), request.version()), request, 0, progress);
    }

    @Override
    public CompletionStage<Outcome> rollback(Optional<Integer> number, Consumer<String> progress) {
        Optional<History.Line> line;
        synchronized (history) {
            line = number.isPresent() ? history.line(number.get()) : history.last();
        }
        if (line.isEmpty()) {
            return refused(
                    number.isPresent()
                            ? "there is no entry " + number.get() + ": karst:swap-history"
                            : "there is nothing to take back: karst:swap-history");
        }
        Entry e = line.get().entry();
        if (e.result() != Result.DONE && e.result() != Result.UNDECIDED) {
            return refused("entry " + e.number() + " brought nothing: " + e.result());
        }
        Request request = new Request(e.what(), e.from(), BACK_SHARE, BACK_WATCH, BACK_DRAIN);
        return submit(f -> f.back(line.get()), request, e.number(), progress);
    }

    @Override
    public void abort() {
        CountDownLatch stop = running.get();
        if (stop != null) {
            stop.countDown();
        }
    }

    private static CompletionStage<Outcome> refused(String why) {
        return CompletableFuture.completedFuture(new Outcome(Result.REFUSED, why, List.of()));
    }

    private CompletionStage<Outcome> submit(
            Search search, Request request, int rollbackOf, Consumer<String> progress) {
        FeaturesService service = features;
        if (service == null) {
            return refused("Karaf's features are not there: is org.apache.karaf.features running?");
        }
        Admin core = admin;
        if (core == null) {
            return refused("no node runs here: is dev.karst.core installed and started?");
        }
        CountDownLatch stop = new CountDownLatch(1);
        if (!running.compareAndSet(null, stop)) {
            return refused("another replacement is under way");
        }
        CompletableFuture<Outcome> result = new CompletableFuture<>();
        try {
            thread.execute(
                    () -> {
                        Outcome outcome = null;
                        Throwable defect = null;
                        try {
                            outcome =
                                    replace(
                                            service,
                                            core,
                                            search,
                                            request,
                                            rollbackOf,
                                            progress,
                                            stop);
                        } catch (Throwable e) {
                            defect = e;
                        }
                        running.set(null); // before anybody can ask for the next
                        if (defect == null) {
                            result.complete(outcome);
                        } else {
                            result.completeExceptionally(defect);
                        }
                    });
        } catch (java.util.concurrent.RejectedExecutionException e) {
            running.set(null);
            return refused("the upgrade bundle is stopping");
        }
        return result;
    }

    private Outcome replace(
            FeaturesService service,
            Admin core,
            Search search,
            Request request,
            int rollbackOf,
            Consumer<String> progress,
            CountDownLatch stop)
            throws Exception {
        Instant at = Outside.clock().instant();
        Plan plan;
        try {
            plan = search.in(new Finder(context, service, dir.resolve("bundles")));
        } catch (Refused e) {
            return new Outcome(Result.REFUSED, e.getMessage(), List.of());
        } catch (IOException e) {
            return new Outcome(Result.REFUSED, "cannot be fetched: " + e.getMessage(), List.of());
        }
        String from = plan.old().getLocation();
        String oldId = plan.oldId();
        FeatureSwitch change = new FeatureSwitch(service, dir, progress);
        Outcome o = new Replacement(context, core, change, plan, request, progress, stop).run();
        Plan.FeatureChange f = plan.feature();
        synchronized (history) {
            Entry entry =
                    new Entry(
                            history.next(),
                            at,
                            plan.what(),
                            oldId,
                            plan.jar().id(),
                            o.result(),
                            o.why(),
                            Duration.between(at, Outside.clock().instant()),
                            Optional.of(from));
            history.add(
                    new History.Line(
                            entry,
                            f == null ? "" : f.name(),
                            f == null ? "" : f.from(),
                            f == null ? "" : f.repository(),
                            rollbackOf));
        }
        LOG.log(
                o.result() == Result.DONE ? System.Logger.Level.INFO : System.Logger.Level.WARNING,
                "{0} to {1}: {2} {3}",
                oldId,
                plan.jar().id(),
                o.result(),
                o.why());
        return o;
    }

    @Override
    public List<Entry> history() {
        synchronized (history) {
            return history.lines().stream().map(History.Line::entry).toList();
        }
    }

    @Override
    public List<String> replaceable() {
        List<String> out = new ArrayList<>();
        List<String> locations = new ArrayList<>();
        for (Bundle b : context.getBundles()) {
            if (Jar.provides(b.getHeaders("").get("Provide-Capability"))) {
                out.add(b.getSymbolicName());
                locations.add(b.getLocation());
            }
        }
        for (Feature f : installed()) {
            if (f.getBundles().stream().anyMatch(b -> locations.contains(b.getLocation()))) {
                out.add(f.getName());
            }
        }
        return out.stream().distinct().sorted().toList();
    }

    private List<Feature> installed() {
        try {
            FeaturesService service = features;
            return service == null ? List.of() : Arrays.asList(service.listInstalledFeatures());
        } catch (Exception e) {
            return List.of(); // only a help in typing
        }
    }

    @Override
    public List<String> versions(String what) {
        List<String> out = new ArrayList<>();
        try {
            FeaturesService service = features;
            for (Feature f : service == null ? new Feature[0] : service.listFeatures()) {
                if (f.getName().equals(what) && !service.isInstalled(f)) {
                    out.add(f.getVersion());
                }
            }
        } catch (Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "no versions of {0}: {1}", what, e);
        }
        synchronized (history) {
            for (History.Line l : history.lines()) {
                if (l.entry().what().equals(what)) {
                    l.entry().backTo().ifPresent(out::add);
                }
            }
        }
        return out.stream().distinct().toList();
    }
}
