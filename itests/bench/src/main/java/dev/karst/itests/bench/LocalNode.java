// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.bench;

import dev.karst.Endpoint;
import dev.karst.NodeEvent;
import dev.karst.PeerAddress;
import dev.karst.core.CoreConfig;
import dev.karst.core.CoreNode;
import dev.karst.core.Counters;
import dev.karst.core.Limits;
import dev.karst.core.connect.Publisher;
import dev.karst.core.identity.Identity;
import dev.karst.core.world.RealWorld;
import dev.karst.crypto.bouncycastle.BouncyCastleCrypto;
import dev.karst.net.netty.NettyDriver;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.net.NetDriver;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.transport.tcp.TcpTransport;
import dev.karst.traversal.direct.DirectStrategy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A real node in plain Java, without a container: default providers on loopback. */
public final class LocalNode implements AutoCloseable {
    private final Counters counters = new Counters();
    private final RealWorld world = new RealWorld(counters);
    private final CoreNode node;
    private final NettyDriver driver;
    private final boolean ownDriver;
    private final List<NodeEvent.Trouble> troubles = new CopyOnWriteArrayList<>();
    private long ids;

    public LocalNode() throws Exception {
        this("tcp://127.0.0.1:0");
    }

    /** Shares the driver of another node, where many run in one process. */
    public LocalNode(LocalNode like) throws Exception {
        this(like.driver, false, "tcp://127.0.0.1:0", new TcpTransport());
    }

    /** Listens there; does not wait for it to succeed. */
    public LocalNode(String listen) throws Exception {
        this(listen, new TcpTransport());
    }

    /** Reached by that transport alone. */
    LocalNode(String listen, Transport transport) throws Exception {
        this(null, true, listen, transport);
    }

    private LocalNode(NettyDriver shared, boolean own, String listen, Transport transport)
            throws Exception {
        Endpoint at = Endpoint.parse(listen);
        ownDriver = own;
        driver = own ? driver() : shared;
        node =
                new CoreNode(
                        world,
                        new CoreConfig(List.of(at), List.of(), Limits.defaults()),
                        Identity.generate(world.secureRandom()),
                        new Publisher.NumberStore() {
                            @Override
                            public long load() {
                                return 0;
                            }

                            @Override
                            public void save(long number) {}
                        },
                        counters);
        node.admin().net(() -> {}, h -> List.of());
        world.coreNetwork().driver(driver);
        world.coreNetwork().use(driver);
        bind(NetDriver.class, driver, "netty");
        bind(CryptoProvider.class, new BouncyCastleCrypto(), "bouncycastle");
        bind(TraversalStrategy.class, new DirectStrategy(), "direct");
        CountDownLatch ready = new CountDownLatch(1);
        node.watch(
                e -> {
                    if (e instanceof NodeEvent.Ready || e instanceof NodeEvent.Trouble) {
                        ready.countDown();
                    }
                    if (e instanceof NodeEvent.Trouble t) {
                        troubles.add(t);
                    }
                });
        bind(Transport.class, transport, at.scheme());
        if (!ready.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("node is not ready");
        }
    }

    /** The driver's own way in takes the settings of a container. */
    private static NettyDriver driver() throws ReflectiveOperationException {
        var constructor = NettyDriver.class.getDeclaredConstructor(int.class);
        constructor.setAccessible(true);
        return constructor.newInstance(2);
    }

    public <T> void bind(Class<T> kind, T service, String name) {
        Map<String, Object> p = new HashMap<>();
        p.put("service.id", ++ids);
        p.put("karst.name", name);
        p.put("karst.scheme", name);
        node.registry().bind(kind, service, p);
    }

    public CoreNode node() {
        return node;
    }

    /** What the node complained of. */
    public List<NodeEvent.Trouble> troubles() {
        return troubles;
    }

    public Counters counters() {
        return counters;
    }

    public PeerAddress address() {
        return node.address().withCandidates(node.listening());
    }

    /** For waits in benchmarks. */
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public void close() {
        node.close();
        world.close();
        if (ownDriver) {
            try {
                var stop = NettyDriver.class.getDeclaredMethod("stop");
                stop.setAccessible(true);
                stop.invoke(driver);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
