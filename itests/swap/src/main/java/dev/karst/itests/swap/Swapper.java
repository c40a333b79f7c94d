// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.admin.Admin;
import dev.karst.admin.Admin.DrainResult;
import dev.karst.admin.ProviderInfo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;

/** Replaces provider bundles the ways an operator would. */
final class Swapper {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private final BundleContext context;
    private final Admin admin;
    private int round;

    Swapper(BundleContext context, Admin admin) {
        this.context = context;
        this.admin = admin;
    }

    Bundle find(String name) {
        for (Bundle b : context.getBundles()) {
            if (name.equals(b.getSymbolicName())) {
                return b;
            }
        }
        throw new IllegalStateException("no bundle " + name);
    }

    /** The new version beside the old, drain, then the old one goes. Returns the old loader. */
    WeakReference<ClassLoader> beside(String name) throws Exception {
        Bundle old = find(name);
        WeakReference<ClassLoader> loader = loader(old);
        List<ProviderInfo> before = providersOf(name);
        byte[] jar = newer(old);
        Bundle fresh =
                context.installBundle("itest:" + name + ":" + round, new ByteArrayInputStream(jar));
        fresh.start();
        await(
                () -> before.isEmpty() || providersOf(name).size() > before.size(),
                "the new " + name + " is bound");
        for (ProviderInfo p : before) {
            DrainResult d =
                    admin.drain(p.ref(), LIMIT)
                            .toCompletableFuture()
                            .get(LIMIT.toSeconds() + 5, TimeUnit.SECONDS);
            if (!d.drained()) {
                throw new IllegalStateException("not drained: " + d.remaining());
            }
        }
        old.stop();
        old.uninstall();
        refresh(old);
        return loader;
    }

    /** {@code bundle:update}. Returns the old loader. */
    WeakReference<ClassLoader> inPlace(String name) throws Exception {
        Bundle b = find(name);
        WeakReference<ClassLoader> loader = loader(b);
        int before = providersOf(name).size();
        b.update(new ByteArrayInputStream(newer(b)));
        refresh(b);
        await(() -> providersOf(name).size() >= before, name + " is bound again");
        return loader;
    }

    /** The same code, but it fails when told to; see {@link Faults}. */
    void weave(String name) throws Exception {
        Bundle b = find(name);
        int before = providersOf(name).size();
        byte[] sound = newer(b);
        byte[] woven = new Weaver(find("dev.karst.spi"), name).weave(sound);
        b.update(new ByteArrayInputStream(woven));
        refresh(b);
        await(() -> providersOf(name).size() >= before, "the woven " + name + " is bound");
    }

    /** Removed, and brought back after a moment. */
    WeakReference<ClassLoader> away(String name, long millis) throws Exception {
        Bundle b = find(name);
        WeakReference<ClassLoader> loader = loader(b);
        int before = providersOf(name).size();
        byte[] jar = newer(b);
        b.stop();
        b.uninstall();
        refresh(b);
        new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        context.installBundle("itest:" + name + ":" + round, new ByteArrayInputStream(jar)).start();
        await(() -> providersOf(name).size() >= before, name + " is bound again");
        return loader;
    }

    List<ProviderInfo> providersOf(String name) {
        return admin.providers().stream().filter(p -> p.bundle().startsWith(name + " ")).toList();
    }

    boolean has(String name) {
        for (Bundle b : context.getBundles()) {
            if (name.equals(b.getSymbolicName())) {
                return true;
            }
        }
        return false;
    }

    private static WeakReference<ClassLoader> loader(Bundle b) {
        return new WeakReference<>(b.adapt(BundleWiring.class).getClassLoader());
    }

    /** Whether nothing holds the old bundle's classes any more. */
    static boolean collected(WeakReference<ClassLoader> loader) throws InterruptedException {
        for (int i = 0; i < 50 && loader.get() != null; i++) {
            System.gc();
            new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS);
        }
        return loader.get() == null;
    }

    /** The same jar under the next version, as a release would bring it. */
    private byte[] newer(Bundle b) throws IOException {
        round++;
        byte[] original = original(b);
        ByteArrayOutputStream out = new ByteArrayOutputStream(original.length + 1000);
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(original))) {
            Manifest m = in.getManifest();
            m.getMainAttributes().putValue("Bundle-Version", "0.1." + round + ".itest");
            try (JarOutputStream jar = new JarOutputStream(out, m)) {
                for (JarEntry e = in.getNextJarEntry(); e != null; e = in.getNextJarEntry()) {
                    jar.putNextEntry(new JarEntry(e.getName()));
                    in.transferTo(jar);
                    jar.closeEntry();
                }
            }
        }
        byte[] jar = out.toByteArray();
        jars.put(b.getSymbolicName(), jar);
        return jar;
    }

    private final java.util.Map<String, byte[]> jars = new java.util.HashMap<>();

    private byte[] original(Bundle b) throws IOException {
        byte[] known = jars.get(b.getSymbolicName());
        if (known != null) {
            return known;
        }
        if (!b.getLocation().startsWith("itest:")) {
            try (InputStream in = new URL(b.getLocation()).openStream()) {
                return in.readAllBytes();
            }
        }
        return content(b); // an earlier run replaced it
    }

    private static byte[] content(Bundle b) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Manifest m;
        try (InputStream in = b.getEntry(JarFile.MANIFEST_NAME).openStream()) {
            m = new Manifest(in);
        }
        try (JarOutputStream jar = new JarOutputStream(out, m)) {
            for (URL u : Collections.list(b.findEntries("/", "*", true))) {
                String name = u.getPath().substring(1);
                if (!name.endsWith("/") && !name.equals(JarFile.MANIFEST_NAME)) {
                    jar.putNextEntry(new JarEntry(name));
                    try (InputStream in = u.openStream()) {
                        in.transferTo(jar);
                    }
                    jar.closeEntry();
                }
            }
        }
        return out.toByteArray();
    }

    private void refresh(Bundle b) throws InterruptedException {
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
        done.await(20, TimeUnit.SECONDS);
    }

    /** A condition that a bundle's coming fulfils. */
    private interface Condition {
        boolean holds();
    }

    private static void await(Condition c, String what) throws InterruptedException {
        for (long end = System.nanoTime() + LIMIT.toNanos(); !c.holds(); ) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("not in " + LIMIT.toSeconds() + " s: " + what);
            }
            new CountDownLatch(1).await(5, TimeUnit.MILLISECONDS);
        }
    }

    /** Errors of the framework are told, not thrown on. */
    static String text(Exception e) {
        return e instanceof BundleException b ? b.getType() + " " + b.getMessage() : e.toString();
    }
}
