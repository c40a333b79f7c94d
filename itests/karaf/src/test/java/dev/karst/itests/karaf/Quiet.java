// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;

/** Watches that nobody disturbs the bundles that run: none may stop, resolve anew or vanish. */
final class Quiet implements AutoCloseable {

    private final BundleContext context;
    private final Set<Long> present;
    private final List<String> disturbed = new CopyOnWriteArrayList<>();
    private final SynchronousBundleListener listener = this::changed;

    Quiet(BundleContext context) {
        this.context = context;
        this.present =
                Arrays.stream(context.getBundles())
                        .map(Bundle::getBundleId)
                        .collect(Collectors.toSet());
        context.addBundleListener(listener);
    }

    /** Empty if all is well. */
    List<String> disturbed() {
        return List.copyOf(disturbed);
    }

    @Override
    public void close() {
        context.removeBundleListener(listener);
    }

    private void changed(BundleEvent event) {
        int bad =
                BundleEvent.STOPPING
                        | BundleEvent.STOPPED
                        | BundleEvent.UPDATED
                        | BundleEvent.UNRESOLVED
                        | BundleEvent.UNINSTALLED;
        Bundle bundle = event.getBundle();
        if ((event.getType() & bad) != 0 && present.contains(bundle.getBundleId())) {
            disturbed.add(bundle.getSymbolicName() + " event " + event.getType());
        }
    }

    /** Bundles that should run and do not. */
    static Set<String> notRunning(BundleContext context) {
        Set<String> result = new TreeSet<>();
        for (Bundle bundle : context.getBundles()) {
            boolean fragment = bundle.getHeaders().get("Fragment-Host") != null;
            int wanted = fragment ? Bundle.RESOLVED : Bundle.ACTIVE | Bundle.STARTING;
            if ((bundle.getState() & wanted) == 0) {
                result.add(bundle.getSymbolicName() + " state " + bundle.getState());
            }
        }
        return result;
    }
}
