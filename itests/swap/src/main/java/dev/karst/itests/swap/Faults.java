// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.Node;
import dev.karst.NodeEvent;
import dev.karst.NodeEvent.ProviderChanged.Change;
import dev.karst.PeerId;
import dev.karst.Subscription;
import dev.karst.admin.Admin;
import dev.karst.admin.ProviderInfo;
import java.lang.ref.WeakReference;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the real provider throw or hang for some seconds, while the core is given cause to call.
 */
final class Faults {
    private static final int STRIKES = 4;
    private static final long BETWEEN_MILLIS = 2500;
    private static final Duration DRAIN = Duration.ofSeconds(2);
    private static final String ABANDONED = "provider.abandoned-threads";

    private final Node node;
    private final Admin admin;
    private final Swapper swapper;
    private final Load load;

    /** What was seen the last time; for the table. */
    private String seen = "";

    private List<String> wrong = List.of();

    Faults(Node node, Admin admin, Swapper swapper, Load load) {
        this.node = node;
        this.admin = admin;
        this.swapper = swapper;
        this.load = load;
    }

    String seen() {
        return seen;
    }

    /** What was not as it must be, beyond what every case checks. */
    List<String> wrong() {
        return wrong;
    }

    /** {@code how} is {@code throw} or {@code hang}. Returns the loader of the faulty classes. */
    WeakReference<ClassLoader> make(String bundle, String how) throws Exception {
        swapper.weave(bundle);
        TableCommand.rest(1500);
        load.caughtUp();
        long abandoned = admin.counters().getOrDefault(ABANDONED, 0L);
        AtomicInteger quarantined = new AtomicInteger();
        String fired = "itest.fired." + bundle;
        System.clearProperty(fired);
        try (Subscription s =
                node.watch(
                        e -> {
                            if (e instanceof NodeEvent.ProviderChanged c
                                    && c.change() == Change.QUARANTINED) {
                                quarantined.incrementAndGet();
                            }
                        })) {
            System.setProperty("itest.fault." + bundle, how);
            try {
                for (int i = 0; i < STRIKES; i++) {
                    provoke(bundle);
                    TableCommand.rest(BETWEEN_MILLIS);
                }
            } finally {
                System.clearProperty("itest.fault." + bundle);
            }
        }
        long threads = admin.counters().getOrDefault(ABANDONED, 0L) - abandoned;
        int times = Integer.getInteger(fired, 0);
        seen = "struck " + times + ", quarantined " + quarantined + ", threads left " + threads;
        wrong = times == 0 ? List.of("the fault was never met") : List.of();
        // The operator mended it: back into use at once, then replaced by a sound one.
        for (ProviderInfo p : swapper.providersOf(bundle)) {
            admin.undrain(p.ref());
        }
        return swapper.inPlace(bundle);
    }

    /** Gives the core cause to call a provider of any kind. */
    private void provoke(String bundle) {
        for (ProviderInfo p : swapper.providersOf(bundle)) {
            switch (p.ref().kind()) {
                case "portmap", "directory", "signaling" -> {
                    admin.drain(p.ref(), Duration.ofMillis(100));
                    admin.undrain(p.ref()); // asks it anew
                }
                default -> {}
            }
        }
        admin.detectNat();
        byte[] nobody = new byte[32];
        new SecureRandom().nextBytes(nobody);
        node.connect(PeerId.of(nobody)); // asks the directories
        String scheme = load.transport();
        for (ProviderInfo p : admin.providers()) {
            // Another path is looked for: strategies, relay, signaling and transports are asked.
            if (p.ref().kind().equals("transport") && p.ref().name().equals(scheme)) {
                try {
                    admin.drain(p.ref(), DRAIN)
                            .toCompletableFuture()
                            .get(DRAIN.toSeconds() + 5, TimeUnit.SECONDS);
                } catch (Exception e) {
                    // What came of it shows in the session.
                } finally {
                    admin.undrain(p.ref());
                }
            }
        }
    }
}
