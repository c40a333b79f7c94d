// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.FrameworkWiring;

/** A plain Felix with components and configuration, in this process. */
final class Container implements AutoCloseable {
    private static final List<String> GROUND =
            List.of(
                    "org.osgi.service.condition",
                    "org.apache.felix.configadmin",
                    "org.apache.felix.scr");

    /** Comes from this class path: what the test speaks with the container, and Karaf's shell. */
    private static final String SHARED =
            String.join(
                    ",",
                    "org.osgi.service.cm;version=1.6.1",
                    "org.osgi.service.component;version=1.5.1",
                    "org.osgi.service.component.runtime;version=1.5.1",
                    "org.osgi.service.component.runtime.dto;version=1.5.1",
                    "org.osgi.util.function;version=1.2.0",
                    "org.osgi.util.promise;version=1.3.0",
                    "org.apache.karaf.features;version=4.4.10",
                    "org.apache.karaf.shell.api.action;version=4.4.10",
                    "org.apache.karaf.shell.api.action.lifecycle;version=4.4.10",
                    "org.apache.karaf.shell.api.console;version=4.4.10",
                    "org.apache.karaf.shell.support;version=4.4.10",
                    "org.apache.karaf.shell.support.completers;version=4.4.10",
                    "org.apache.karaf.shell.support.table;version=4.4.10",
                    "org.apache.karaf.jaas.boot.principal;version=4.4.10");

    private final Framework framework;

    Container(Path dir) throws BundleException {
        Map<String, String> config = new HashMap<>();
        config.put(Constants.FRAMEWORK_STORAGE, dir.resolve("cache").toString());
        config.put(
                Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        config.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, SHARED);
        config.put("karst.base", dir.toString());
        config.put("karst.data", dir.resolve("data").toString());
        config.put("karst.run", dir.resolve("run").toString());
        config.put("felix.log.level", "1");
        framework = new FrameworkFactory().newFramework(config);
        framework.start();
        List<Bundle> ground = new ArrayList<>();
        for (String name : GROUND) {
            ground.add(install(onClassPath(name)));
        }
        for (Bundle b : ground) {
            b.start();
        }
    }

    private static Path onClassPath(String artifact) {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            String file = Path.of(entry).getFileName().toString();
            if (file.matches(artifact.replace(".", "\\.") + "-[0-9].*\\.jar")) {
                return Path.of(entry);
            }
        }
        throw new IllegalStateException("not on the class path: " + artifact);
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    Bundle install(Path jar) throws BundleException {
        return context().installBundle(jar.toUri().toString());
    }

    /**
     * Why bundles do not resolve; empty if all do.
     *
     * <p>Starting one tells what is missing in words.
     */
    List<String> unresolved(List<Bundle> bundles) {
        List<String> out = new ArrayList<>();
        if (framework.adapt(FrameworkWiring.class).resolveBundles(bundles)) {
            return out;
        }
        for (Bundle b : bundles) {
            if (b.getState() == Bundle.INSTALLED) {
                try {
                    b.start();
                } catch (BundleException e) {
                    out.add(b.getSymbolicName() + ": " + e.getMessage());
                }
            }
        }
        return out;
    }

    /** Refreshes what is due, as Karaf does after each installation; gives who was affected. */
    List<String> refresh() throws InterruptedException {
        FrameworkWiring wiring = framework.adapt(FrameworkWiring.class);
        List<String> due =
                wiring.getDependencyClosure(wiring.getRemovalPendingBundles()).stream()
                        .map(Bundle::getSymbolicName)
                        .toList();
        CountDownLatch done = new CountDownLatch(1);
        wiring.refreshBundles(
                null,
                e -> {
                    if (e.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                        done.countDown();
                    }
                });
        if (!done.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the refresh does not end");
        }
        return due;
    }

    @Override
    public void close() throws Exception {
        framework.stop();
        framework.waitForStop(20_000);
    }
}
