// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.spi.portmap.PortGateway;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * One search for a router that grants a port: all mappers are probed at once, routers are asked one
 * after the other as they are found, and the first that grants it ends the search. On the lane.
 */
final class Acquisition {
    private record Offer(ProviderHandle<PortMapper> by, PortGateway gateway) {}

    private final Mappers mappers;
    private final Want want;
    private final PortRequest request;
    private final Set<String> but;
    private final List<Offer> offers = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private final CompletableFuture<Held> result = new CompletableFuture<>();
    private final Set<ProviderHandle<PortMapper>> taking = new HashSet<>();
    private int probing;
    private boolean asking;
    private boolean stopped;

    /**
     * @param but names of mappers that take no part
     */
    Acquisition(Mappers mappers, Want want, PortRequest request, Set<String> but) {
        this.mappers = mappers;
        this.want = want;
        this.request = request;
        this.but = but;
    }

    /** Completes on the lane; fails with what each of them said. */
    CompletableFuture<Held> run() {
        join();
        return result;
    }

    /** Mappers that came meanwhile take part from now on. */
    void join() {
        List<ProviderHandle<PortMapper>> fresh =
                mappers.usable(but).stream().filter(taking::add).toList();
        // All are counted first: one that answers at once is not the last.
        probing += fresh.size();
        for (ProviderHandle<PortMapper> m : fresh) {
            mappers.probe(m, want.route()).whenComplete((found, e) -> probed(m, found, e));
        }
    }

    /** Asks nobody else; a router that was asked already may still grant it. On the lane. */
    void stop() {
        stopped = true;
        next();
    }

    private void probed(ProviderHandle<PortMapper> m, List<PortGateway> found, Throwable e) {
        probing--;
        if (e == null) {
            found.forEach(g -> offers.add(new Offer(m, g)));
        } else {
            refused(m, e);
        }
        next();
    }

    private void next() {
        if (result.isDone() || asking) {
            return;
        }
        if (stopped) {
            result.completeExceptionally(new KarstException(Code.CLOSED, "wanted no more"));
            return;
        }
        if (offers.isEmpty()) {
            if (probing == 0) {
                result.completeExceptionally(
                        new KarstException(Code.UNREACHABLE, String.join("; ", refusals)));
            }
            return;
        }
        asking = true;
        Offer o = offers.remove(0);
        mappers.acquire(o.by, request, o.gateway)
                .whenComplete(
                        (held, e) -> {
                            asking = false;
                            if (e == null) {
                                result.complete(held);
                            } else {
                                refused(o.by, e);
                                mappers.stale(o.by.ref().name());
                                next();
                            }
                        });
    }

    private void refused(ProviderHandle<PortMapper> m, Throwable e) {
        refusals.add(m.ref().name() + ": " + Words.why(e));
    }
}
