// SPDX-License-Identifier: Apache-2.0
package dev.karst.gateway.tunnel;

import dev.karst.Endpoint;
import dev.karst.Node;
import dev.karst.PeerId;
import dev.karst.spi.Scopes;
import dev.karst.tunnel.Exposed;
import dev.karst.tunnel.Forwarded;
import dev.karst.tunnel.Tunnels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The tunnels of this machine. Both services of the core are optional and come and go: the tunnels
 * stay, detached from it. The lock orders arrivals, departures and changes; no traffic takes it.
 */
@Component(
        service = {Tunnels.class, TunnelRegistry.class},
        configurationPid = "dev.karst.gateway.tunnel")
@Designate(ocd = TunnelSettings.class)
public final class TunnelService implements Tunnels, TunnelRegistry {
    private final Object lock = new Object();
    private final Limits limits;
    private final Semaphore slots;
    private final TreeMap<String, Exposure> exposures = new TreeMap<>();
    private final List<Forward> forwards = new ArrayList<>();
    private Node node;
    private Scopes scopes;
    private Core core;

    @Activate
    public TunnelService(TunnelSettings settings) {
        this.limits = Limits.of(settings);
        this.slots = new Semaphore(limits.connections());
    }

    @Deactivate
    void stop() {
        synchronized (lock) {
            node = null;
            reattach();
        }
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindNode(Node arrived) {
        synchronized (lock) {
            node = arrived;
            reattach();
        }
    }

    void unbindNode(Node left) {
        synchronized (lock) {
            if (node == left) {
                node = null;
                reattach();
            }
        }
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindScopes(Scopes arrived) {
        synchronized (lock) {
            scopes = arrived;
            reattach();
        }
    }

    void unbindScopes(Scopes left) {
        synchronized (lock) {
            if (scopes == left) {
                scopes = null;
                reattach();
            }
        }
    }

    private void reattach() {
        if (core != null) {
            core = null;
            exposures.values().forEach(Exposure::detach);
            forwards.forEach(Forward::detach);
        }
        if (node != null && scopes != null) {
            core = new Core(node, scopes);
            exposures.values().forEach(e -> e.attach(core));
            forwards.forEach(f -> f.attach(core));
        }
    }

    @Override
    public Exposed expose(String name, String target, Set<PeerId> peers) {
        return add("", name, target, Optional.of(peers)).view();
    }

    @Override
    public Exposed exposeToAnyone(String name, String target) {
        return add("", name, target, Optional.empty()).view();
    }

    @Override
    public Runnable configure(
            String origin, String name, String target, Optional<Set<PeerId>> peers) {
        Exposure made = add(origin, name, target, peers);
        return () -> {
            synchronized (lock) {
                exposures.values().remove(made);
                made.detach();
            }
        };
    }

    private Exposure add(String origin, String name, String target, Optional<Set<PeerId>> peers) {
        String n = Texts.name(name);
        Endpoint to = Texts.address("target", target, false);
        if (peers.isPresent() && peers.get().isEmpty()) {
            throw Texts.wrong(
                    "service "
                            + n
                            + " names no peers: list the ids of those that may use it, or say \"any\"");
        }
        Exposure made = new Exposure(n, to, peers.map(Set::copyOf), origin, limits, slots);
        synchronized (lock) {
            if (exposures.containsKey(n)) {
                throw Texts.wrong("a service " + n + " is exposed already: take another name");
            }
            exposures.put(n, made);
            if (core != null) {
                made.attach(core);
            }
        }
        return made;
    }

    @Override
    public CompletionStage<Forwarded> forward(String listen, PeerId peer, String name) {
        Forward made;
        CompletionStage<Forwarded> listening;
        try {
            made = prepare("", listen, peer, name);
            listening = add(made);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Forwarded> result = new CompletableFuture<>();
        listening.whenComplete(
                (f, error) -> {
                    if (error == null) {
                        result.complete(f);
                    } else {
                        drop(made);
                        result.completeExceptionally(Texts.cause(error));
                    }
                });
        return result;
    }

    @Override
    public Runnable configure(String origin, String listen, PeerId peer, String name) {
        Forward made = prepare(origin, listen, peer, name);
        add(made);
        return () -> drop(made);
    }

    private Forward prepare(String origin, String listen, PeerId peer, String name) {
        Endpoint at = Texts.address("listen", listen, true);
        return Forward.of(at, peer, Texts.name(name), origin, limits, slots);
    }

    private CompletionStage<Forwarded> add(Forward made) {
        Endpoint at = made.asked();
        synchronized (lock) {
            if (at.port() != 0 && forwards.stream().anyMatch(f -> f.matches(at))) {
                throw Texts.wrong(at + " is forwarded already");
            }
            forwards.add(made);
            return core == null
                    ? CompletableFuture.completedFuture(made.view())
                    : made.attach(core);
        }
    }

    private void drop(Forward forward) {
        synchronized (lock) {
            forwards.remove(forward);
            forward.detach();
        }
    }

    @Override
    public List<Exposed> exposed() {
        synchronized (lock) {
            return exposures.values().stream().map(Exposure::view).toList();
        }
    }

    @Override
    public List<Forwarded> forwarded() {
        synchronized (lock) {
            return forwards.stream()
                    .map(Forward::view)
                    .sorted(Comparator.comparing(f -> f.listen().toString()))
                    .toList();
        }
    }

    @Override
    public boolean unexpose(String name) {
        synchronized (lock) {
            Exposure e = exposures.get(name);
            if (e == null) {
                return false;
            }
            refuseConfigured(e.origin());
            exposures.remove(name);
            e.detach();
            return true;
        }
    }

    @Override
    public boolean unforward(String listen) {
        Endpoint at = Texts.address("listen", listen, true);
        synchronized (lock) {
            Optional<Forward> found = forwards.stream().filter(f -> f.matches(at)).findFirst();
            found.ifPresent(
                    f -> {
                        refuseConfigured(f.origin());
                        drop(f);
                    });
            return found.isPresent();
        }
    }

    private static void refuseConfigured(String origin) {
        if (!origin.isEmpty()) {
            throw Texts.wrong("it comes from the configuration " + origin + ": remove that");
        }
    }
}
