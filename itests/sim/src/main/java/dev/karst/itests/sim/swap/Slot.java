// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.admin.ProviderInfo;
import dev.karst.admin.ProviderRef;
import dev.karst.itests.sim.session.SimNode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One provider of a node by kind and name, in as many versions as are there at a time. */
final class Slot<T> {
    private static final Duration SOON = Duration.ofSeconds(1);

    private record Version(ProviderRef ref, Shell shell, Map<String, Object> key) {}

    private final SimNode node;
    private final Class<T> kind;
    private final String name;
    private final Supplier<T> maker;
    private final Consumer<String> trouble;
    private final ArrayDeque<Version> versions = new ArrayDeque<>();

    /** Whether something is being done with it. */
    boolean busy;

    Slot(SimNode node, Class<T> kind, String name, Supplier<T> maker, Consumer<String> trouble) {
        this.node = node;
        this.kind = kind;
        this.name = name;
        this.maker = maker;
        this.trouble = trouble;
    }

    /** One more version. */
    void arrive() {
        String text = node.host() + "/" + kind.getSimpleName() + "/" + name;
        Shell shell = new Shell(text, maker.get(), node.host(), trouble);
        Map<String, Object> key = node.add(kind, shell.as(kind), name);
        List<ProviderInfo> all = node.node().admin().providers();
        versions.add(new Version(all.get(all.size() - 1).ref(), shell, key));
    }

    /** The oldest version leaves. */
    void leave() {
        Version v = versions.remove();
        node.remove(kind, v.key());
        node.host().after(SOON, v.shell()::gone);
    }

    ProviderRef oldest() {
        return versions.element().ref();
    }

    void manner(Manner m) {
        versions.forEach(v -> v.shell().manner(m));
    }

    int versions() {
        return versions.size();
    }

    SimNode node() {
        return node;
    }

    @Override
    public String toString() {
        return node.host() + " " + kind.getSimpleName() + " " + name;
    }
}
