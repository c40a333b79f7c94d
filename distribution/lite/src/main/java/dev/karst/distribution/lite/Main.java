// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.launch.Framework;

/**
 * A Karst node without Karaf: Felix, the bundles nested in this jar, and the settings in {@code
 * BASE/etc/*.cfg}, read as Karaf reads them.
 *
 * <p>Usage: {@code java -jar karst-lite.jar [--base DIR] [--server]}. The bundles come from the jar
 * at every start, so what was updated in a running node is back to the jar's version afterwards.
 */
public final class Main {

    private static final long STOP_MILLIS = TimeUnit.SECONDS.toMillis(8);

    private Main() {}

    public static void main(String[] args) throws Exception {
        Arguments arguments;
        try {
            arguments = Arguments.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println("karst-lite: " + e.getMessage());
            System.exit(2);
            return;
        }
        Path base = arguments.base();
        Path etc = Files.createDirectories(base.resolve("etc"));
        Path data = Files.createDirectories(base.resolve("data"));
        // The names by which bundles find their folders are Karaf's.
        System.setProperty("karaf.base", base.toString());
        System.setProperty("karaf.etc", etc.toString());
        System.setProperty("karaf.data", data.toString());
        Logging.toFile(Files.createDirectories(data.resolve("log")));

        Framework framework =
                new FrameworkFactory().newFramework(frameworkSettings(etc, data.resolve("cache")));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(framework), "karst-lite-stop"));
        try {
            boot(framework, etc, NestedBundles.read(arguments.server()));
        } catch (BundleException | IOException e) {
            System.err.println("karst-lite: cannot start: " + e.getMessage());
            System.exit(1);
        }
        int type = framework.waitForStop(0).getType();
        System.exit(type == FrameworkEvent.ERROR ? 1 : 0);
    }

    private static void boot(Framework framework, Path etc, List<NestedBundles.Nested> nested)
            throws BundleException, IOException {
        framework.init();
        if (Runtime.version().feature() >= SubjectWeaver.FIRST_JAVA) {
            framework
                    .getBundleContext()
                    .registerService(WeavingHook.class, new SubjectWeaver(), null);
        }
        List<Bundle> installed = new ArrayList<>();
        for (NestedBundles.Nested one : nested) {
            try (var stream = one.open()) {
                installed.add(
                        framework
                                .getBundleContext()
                                .installBundle("karst-lite:" + one.name(), stream));
            }
        }
        framework.start();
        for (int i = 0; i < installed.size(); i++) {
            if (i == NestedBundles.SETTINGS_FIRST) {
                EtcFiles.awaitRead(framework.getBundleContext(), etc);
            }
            installed.get(i).start();
        }
    }

    private static void stop(Framework framework) {
        try {
            framework.stop();
            framework.waitForStop(STOP_MILLIS);
        } catch (BundleException e) {
            System.err.println("karst-lite: stop: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, String> frameworkSettings(Path etc, Path cache) {
        Map<String, String> settings = new HashMap<>();
        settings.put(Constants.FRAMEWORK_STORAGE, cache.toString());
        settings.put(
                Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        // Netty reaches for Unsafe; Karaf delegates the same packages.
        settings.put(Constants.FRAMEWORK_BOOTDELEGATION, "sun.*,com.sun.*,javax.security.cert");
        settings.put(
                Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                "org.slf4j;version=2.0.16,org.slf4j.event;version=2.0.16,"
                        + "org.slf4j.helpers;version=2.0.16,org.slf4j.spi;version=2.0.16,"
                        + "org.apache.karaf.jaas.boot.principal;version=4.4.10,"
                        + Main.class.getPackageName());
        settings.put("felix.log.level", "1");
        settings.put("felix.fileinstall.dir", etc.toString());
        settings.put("felix.fileinstall.filter", ".*\\.cfg");
        settings.put("felix.fileinstall.poll", "1000");
        settings.put("felix.fileinstall.noInitialDelay", "true");
        // Its write-back truncates the file under its own reader: settings have been lost by it.
        settings.put("felix.fileinstall.enableConfigSave", "false");
        settings.put("felix.fileinstall.log.default", "jul");
        settings.put("felix.fileinstall.log.level", "2");
        return settings;
    }
}
