// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.PeerId;
import dev.karst.tunnel.Exposed;
import dev.karst.tunnel.Forwarded;
import dev.karst.tunnel.Traffic;
import dev.karst.tunnel.Tunnels;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps what it is told. */
final class FakeTunnels implements Tunnels {
    private static final Traffic SOME =
            new Traffic(1, 20, 0, 2, 0, 5 << 20, 300, "NOT_PERMITTED: no");

    final List<Exposed> exposed = new ArrayList<>();
    final List<Forwarded> forwarded = new ArrayList<>();

    @Override
    public Exposed expose(String name, String target, Set<PeerId> peers) {
        Exposed e = new Exposed(name, Endpoint.parse(target), false, peers, "", "open", SOME);
        exposed.add(e);
        return e;
    }

    @Override
    public Exposed exposeToAnyone(String name, String target) {
        Exposed e = new Exposed(name, Endpoint.parse(target), true, Set.of(), "", "open", SOME);
        exposed.add(e);
        return e;
    }

    @Override
    public CompletionStage<Forwarded> forward(String listen, PeerId peer, String name) {
        if (listen.endsWith(":1")) {
            return CompletableFuture.failedFuture(
                    new KarstException(KarstException.Code.IO, "cannot listen on " + listen));
        }
        Forwarded f = new Forwarded(Endpoint.parse(listen), peer, name, "", "listening", SOME);
        forwarded.add(f);
        return CompletableFuture.completedFuture(f);
    }

    @Override
    public List<Exposed> exposed() {
        return List.copyOf(exposed);
    }

    @Override
    public List<Forwarded> forwarded() {
        return List.copyOf(forwarded);
    }

    @Override
    public boolean unexpose(String name) {
        return exposed.removeIf(e -> e.name().equals(name));
    }

    @Override
    public boolean unforward(String listen) {
        return forwarded.removeIf(f -> f.listen().toString().equals(listen));
    }
}
