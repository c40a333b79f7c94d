// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * Waits until File Install has read {@code etc}. It does so on a thread of its own, and a component
 * that starts in the middle sees a configuration that is there but still empty.
 */
final class EtcFiles {

    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String ADMIN = "org.osgi.service.cm.ConfigurationAdmin";
    private static final String READ = "(felix.fileinstall.filename=*)";

    private EtcFiles() {}

    /** Returns after a few seconds even if some file cannot be read: the log says why. */
    static void awaitRead(BundleContext context, Path etc) throws IOException {
        long wanted;
        try (var files = Files.list(etc)) {
            wanted = files.filter(f -> f.getFileName().toString().endsWith(".cfg")).count();
        }
        long end = System.nanoTime() + LIMIT.toNanos();
        try {
            while (read(context) < wanted && System.nanoTime() < end) {
                Thread.sleep(2);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** By reflection, as the API's classes belong to the bundle and not to this class path. */
    private static int read(BundleContext context) {
        ServiceReference<?> reference = context.getServiceReference(ADMIN);
        if (reference == null) {
            return 0;
        }
        try {
            Object admin = context.getService(reference);
            Object[] found =
                    (Object[])
                            reference
                                    .getBundle()
                                    .loadClass(ADMIN)
                                    .getMethod("listConfigurations", String.class)
                                    .invoke(admin, READ);
            return found == null ? 0 : found.length;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the configuration admin does not answer", e);
        } finally {
            context.ungetService(reference);
        }
    }
}
