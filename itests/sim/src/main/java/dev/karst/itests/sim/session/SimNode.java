// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.session;

import dev.karst.Endpoint;
import dev.karst.PeerAddress;
import dev.karst.core.CoreConfig;
import dev.karst.core.CoreNode;
import dev.karst.core.Counters;
import dev.karst.core.Limits;
import dev.karst.core.connect.Publisher;
import dev.karst.core.identity.Identity;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimDirectory;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimSignaling;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.directory.PeerDirectory;
import dev.karst.spi.signaling.SignalingBackend;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.transport.tcp.TcpTransport;
import dev.karst.traversal.direct.DirectStrategy;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A core on a simulated host, with the providers that ship and the bus for signals and records. */
public final class SimNode implements AutoCloseable {
    private final SimHost host;
    private final CoreNode node;
    private final Counters counters = new Counters();
    private final CryptoProvider crypto; // null = none at first
    private final ArrayDeque<Map<String, Object>> cryptos = new ArrayDeque<>();
    private final ArrayDeque<Map<String, Object>> transports = new ArrayDeque<>();
    private Map<String, Object> direct = Map.of();
    private long services;

    /** A node with everything but a crypto provider, which is slow to make: share one. */
    public SimNode(SimHost host, Identity identity, SimBus bus, CryptoProvider crypto) {
        this(host, identity, crypto);
        addTransport();
        addCrypto();
        direct = add(TraversalStrategy.class, new DirectStrategy(), "direct");
        add(SignalingBackend.class, new SimSignaling(bus, host), "sim");
        add(PeerDirectory.class, new SimDirectory(bus, host), "sim");
    }

    /** A core without any provider. */
    public static SimNode bare(SimHost host, Identity identity) {
        return new SimNode(host, identity, null);
    }

    private SimNode(SimHost host, Identity identity, CryptoProvider crypto) {
        this.host = host;
        long[] number = {0};
        this.node =
                new CoreNode(
                        new HostWorld(host),
                        new CoreConfig(
                                List.of(Endpoint.parse("tcp://[::]:0")),
                                List.of(),
                                Limits.defaults()),
                        identity,
                        new Publisher.NumberStore() {
                            @Override
                            public long load() {
                                return number[0];
                            }

                            @Override
                            public void save(long n) {
                                number[0] = n;
                            }
                        },
                        counters);
        this.crypto = crypto;
    }

    /** Installs a provider; the result is the key to remove it. */
    public <T> Map<String, Object> add(Class<T> kind, T service, String name) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("service.id", ++services);
        properties.put("karst.name", name);
        properties.put("karst.scheme", name);
        properties.put("karst.over", name);
        node.registry().bind(kind, service, properties);
        return properties;
    }

    public <T> void remove(Class<T> kind, Map<String, Object> key) {
        node.registry().unbind(kind, key);
    }

    /** Places are not dialled any more. */
    public void removeDirect() {
        remove(TraversalStrategy.class, direct);
    }

    /** One more crypto provider, as a new version of the bundle would be. */
    void addCrypto() {
        cryptos.add(add(CryptoProvider.class, crypto, "crypto"));
    }

    /** The oldest crypto provider leaves. */
    void removeCrypto() {
        if (!cryptos.isEmpty()) {
            remove(CryptoProvider.class, cryptos.poll());
        }
    }

    /** One more TCP transport. */
    void addTransport() {
        transports.add(add(Transport.class, new TcpTransport(), "tcp"));
    }

    /** The oldest TCP transport leaves. */
    void removeTransport() {
        if (!transports.isEmpty()) {
            remove(Transport.class, transports.poll());
        }
    }

    public CoreNode node() {
        return node;
    }

    public SimHost host() {
        return host;
    }

    public Counters counters() {
        return counters;
    }

    /** Its address with the places where it listens. */
    public PeerAddress address() {
        return node.address().withCandidates(node.listening());
    }

    @Override
    public void close() {
        node.close();
    }
}
