// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import dev.karst.Subscription;
import dev.karst.admin.Admin;
import dev.karst.admin.ProviderInfo;
import dev.karst.admin.Upgrades.Outcome;
import dev.karst.admin.Upgrades.Request;
import dev.karst.admin.Upgrades.Result;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.wiring.FrameworkWiring;

/** One replacement, step by step, on the thread that runs it. */
final class Replacement {
    private static final long HEALTHY_MILLIS = 30_000;
    private static final long POLL_MILLIS = 50;
    private static final Set<String> TRIABLE = Set.of("traversal", "transport", "crypto");

    private final BundleContext context;
    private final Admin admin;
    private final FeatureSwitch features;
    private final Plan plan;
    private final Request request;
    private final Consumer<String> progress;
    private final CountDownLatch stop;
    private final Providers old;
    private final Providers fresh;
    private final List<String> steps = new ArrayList<>();
    private Subscription trial = () -> {};
    private Bundle bundle;

    /**
     * @param stop counted down by an operator who wants it back
     */
    Replacement(
            BundleContext context,
            Admin admin,
            FeatureSwitch features,
            Plan plan,
            Request request,
            Consumer<String> progress,
            CountDownLatch stop) {
        this.context = context;
        this.admin = admin;
        this.features = features;
        this.plan = plan;
        this.request = request;
        this.progress = progress;
        this.stop = stop;
        this.old = new Providers(admin, plan.oldId());
        this.fresh = new Providers(admin, plan.jar().id());
    }

    private void say(String step) {
        steps.add(step);
        progress.accept(step);
    }

    private Outcome outcome(Result result, String why) {
        return new Outcome(result, why, steps);
    }

    Outcome run() {
        List<String> remaining;
        Path file;
        try {
            file = plan.feature() == null ? null : features.prepare(plan);
            beside();
            trial.close();
            pause(0);
            say(
                    "draining "
                            + plan.oldId()
                            + ", "
                            + request.drainLimit().toSeconds()
                            + " s at most");
            remaining = old.drain(request.drainLimit());
            pause(0);
        } catch (Worse | InterruptedException e) {
            return back(e instanceof Worse ? e.getMessage() : "called off");
        } catch (Exception e) {
            return back(text(e));
        }
        if (!remaining.isEmpty()) {
            if (!request.drainLimit().isZero()) {
                return undecided(remaining);
            }
            say(remaining.size() + " are cut off and come back: " + some(remaining));
        }
        return finish(file);
    }

    /** The new bundle runs beside the old one and has shown what it can. */
    private void beside() throws Exception {
        if (plan.beside() != null) {
            bundle = plan.beside();
            bundle.start();
            fresh.undrain();
            healthy();
            say(plan.jar().id() + " is there already, from an earlier try");
            return;
        }
        List<ProviderInfo> before = old.now();
        boolean some =
                request.share() > 0
                        && before.stream().anyMatch(p -> TRIABLE.contains(p.ref().kind()));
        if (some) {
            trial = admin.tryOut(plan.jar().id(), request.share());
        }
        try (InputStream in = Files.newInputStream(plan.jar().file())) {
            bundle = context.installBundle(plan.jar().location(), in);
        }
        bundle.start();
        healthy();
        say(
                "installed "
                        + plan.jar().id()
                        + " beside "
                        + plan.oldId()
                        + ": "
                        + fresh.now().size()
                        + " provider(s)");
        if (request.share() > 0 && !before.isEmpty() && !request.watch().isZero()) {
            progress.accept(
                    some
                            ? String.format(
                                    "it serves %.0f %% of the peers for %d s",
                                    request.share() * 100, request.watch().toSeconds())
                            : "its kind cannot serve a share: it is watched in full use for "
                                    + request.watch().toSeconds()
                                    + " s");
            Canary canary = new Canary(admin, fresh, old, some, this::pause);
            say(canary.watch(request.watch(), progress));
        }
    }

    private void healthy() throws Exception {
        Map<String, Integer> wanted = old.names();
        for (long end = Outside.millis() + HEALTHY_MILLIS; ; pause(POLL_MILLIS)) {
            Map<String, Integer> there = fresh.names();
            if (wanted.entrySet().stream()
                    .allMatch(e -> there.getOrDefault(e.getKey(), 0) >= e.getValue())) {
                break;
            }
            if (Outside.millis() > end) {
                throw new Worse(
                        "after "
                                + HEALTHY_MILLIS / 1000
                                + " s it provides "
                                + there.keySet()
                                + " and not "
                                + wanted.keySet());
            }
        }
        for (ProviderInfo p : fresh.now()) {
            if (!p.errors().isEmpty()) {
                throw new Worse(p.ref() + ": " + p.errors());
            }
        }
    }

    /** Waits, unless somebody calls it off. */
    private void pause(long millis) throws Worse, InterruptedException {
        if (stop.await(millis, TimeUnit.MILLISECONDS)) {
            throw new Worse("called off");
        }
    }

    private Outcome undecided(List<String> remaining) {
        say(remaining.size() + " still on the old one: " + some(remaining));
        return outcome(
                Result.UNDECIDED,
                "both versions are there, new work goes to the new one; either wait: karst:upgrade"
                        + " once more; or cut off what is left: the same with --drain 0; or go"
                        + " back: karst:rollback");
    }

    private static String some(List<String> all) {
        return String.join(", ", all.subList(0, Math.min(5, all.size())))
                + (all.size() > 5 ? " …" : "");
    }

    /** From here on there is no way back but another replacement. */
    private Outcome finish(Path file) {
        try {
            remove(plan.old());
        } catch (BundleException e) {
            say("the old bundle does not stop cleanly: " + text(e));
        }
        say("stopped and uninstalled " + plan.oldId());
        if (file == null) {
            say("no feature names the old bundle: the container keeps the new one by itself");
            return outcome(Result.DONE, "");
        }
        try {
            features.make(plan, file);
        } catch (Exception e) {
            String why =
                    "the new version runs, but the features still name the old one, which the next"
                            + " feature:install brings back: "
                            + text(e);
            say(why);
            return outcome(Result.DONE, why);
        }
        say("installed feature: " + plan.feature().name() + " " + plan.feature().to());
        return outcome(Result.DONE, "");
    }

    private Outcome back(String why) {
        boolean interrupted = Thread.interrupted();
        say("rolling back: " + why);
        try {
            old.undrain();
            if (bundle != null) {
                // It may be what does not work: what is stuck on it is cut off.
                List<String> left = fresh.drain(limit());
                if (!left.isEmpty()) {
                    say(left.size() + " are cut off and come back: " + some(left));
                }
            }
        } catch (Exception e) {
            say("the core does not help: " + text(e));
        }
        try {
            if (bundle != null) {
                remove(bundle);
            }
        } catch (BundleException e) {
            say("the new bundle does not stop cleanly: " + text(e));
        }
        trial.close();
        say(plan.oldId() + " serves all again");
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return outcome(Result.ROLLED_BACK, why);
    }

    private Duration limit() {
        Duration most = Duration.ofSeconds(15);
        return request.drainLimit().compareTo(most) < 0 ? request.drainLimit() : most;
    }

    /** Nobody imports from a provider: nothing else is refreshed with it. */
    private void remove(Bundle b) throws BundleException {
        b.stop();
        b.uninstall();
        CountDownLatch done = new CountDownLatch(1);
        context.getBundle(0)
                .adapt(FrameworkWiring.class)
                .refreshBundles(
                        List.of(b),
                        e -> {
                            if (e.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                                done.countDown();
                            }
                        });
        try {
            done.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String text(Throwable e) {
        Throwable t = e;
        while (t.getCause() != null && t instanceof java.util.concurrent.ExecutionException) {
            t = t.getCause();
        }
        return t.getMessage() == null ? t.toString() : t.getMessage();
    }
}
