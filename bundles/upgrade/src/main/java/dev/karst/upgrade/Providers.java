// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import dev.karst.admin.Admin;
import dev.karst.admin.Admin.DrainResult;
import dev.karst.admin.ProviderInfo;
import dev.karst.admin.ProviderRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** The providers of one bundle, as the core sees them. */
final class Providers {
    private final Admin admin;
    private final String bundle;

    /**
     * @param bundle symbolic name and version
     */
    Providers(Admin admin, String bundle) {
        this.admin = admin;
        this.bundle = bundle;
    }

    List<ProviderInfo> now() {
        return admin.providers().stream().filter(p -> p.bundle().equals(bundle)).toList();
    }

    /** How many of each kind and name. */
    Map<String, Integer> names() {
        Map<String, Integer> out = new HashMap<>();
        now().forEach(p -> out.merge(name(p), 1, Integer::sum));
        return out;
    }

    static String name(ProviderInfo p) {
        return p.ref().kind() + "/" + p.ref().name();
    }

    /**
     * Drains all at once.
     *
     * @return what is left on them
     */
    List<String> drain(Duration limit) throws InterruptedException, ExecutionException {
        List<CompletableFuture<DrainResult>> all = new ArrayList<>();
        for (ProviderInfo p : now()) {
            all.add(admin.drain(p.ref(), limit).toCompletableFuture());
        }
        List<String> remaining = new ArrayList<>();
        for (CompletableFuture<DrainResult> d : all) {
            remaining.addAll(d.get().remaining()); // ends by its limit
        }
        return remaining;
    }

    void undrain() {
        for (ProviderInfo p : now()) {
            ProviderRef ref = p.ref();
            if (p.state().startsWith("drain")) {
                admin.undrain(ref);
            }
        }
    }
}
