// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.KarstException;
import dev.karst.Node;
import dev.karst.NodeEvent;
import dev.karst.admin.Admin;
import dev.karst.core.identity.Identity;
import dev.karst.core.identity.KeyStore;
import dev.karst.core.registry.ProviderHandle;
import dev.karst.core.world.Log;
import dev.karst.core.world.RealWorld;
import dev.karst.spi.Scopes;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.directory.PeerDirectory;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.net.NetDriver;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.signaling.SignalingBackend;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.PortPredictor;
import dev.karst.spi.traversal.TraversalStrategy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.condition.Condition;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The node in an OSGi container. Every provider reference is 0..n, dynamic and greedy: nothing that
 * comes or goes ever restarts this component.
 */
@Component(
        immediate = true,
        service = {},
        configurationPid = "dev.karst.core")
@Designate(ocd = CoreSettings.class)
public final class CoreComponent {
    private static final int PORTS_SECONDS = 3;

    private final BundleContext context;
    private final RealWorld world;
    private final CoreNode node;
    private final Map<ProviderHandle<?>, NetDriver> drivers = new HashMap<>();
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    private final ReadyFile readyFile;
    private final String keys;
    private final SynchronousBundleListener stopping = this::frameworkStops;
    private boolean stopped;

    @Activate
    public CoreComponent(BundleContext context, CoreSettings config) {
        this.context = context;
        this.keys = config.keys();
        Path dir = keysDir(config.keys());
        Counters counters = new Counters();
        this.world = new RealWorld(counters);
        CoreNode made;
        try {
            KeyStore store = new KeyStore(dir);
            Identity identity = store.load(world.secureRandom());
            made =
                    new CoreNode(
                            world,
                            SettingsReader.read(config),
                            identity,
                            Stores.numbers(store),
                            Stores.leases(store),
                            counters);
        } catch (RuntimeException e) {
            world.close();
            Log.of(CoreComponent.class)
                    .log(System.Logger.Level.ERROR, "Karst cannot start: {0}", e.getMessage());
            throw e;
        }
        this.node = made;
        this.readyFile = new ReadyFile(runDir());
        node.admin().net(this::chooseDriver, this::driven);
        node.watch(
                e -> {
                    if (e instanceof NodeEvent.Ready r) {
                        ready(r);
                    }
                });
        context.addBundleListener(stopping);
        Hashtable<String, Object> props = new Hashtable<>();
        props.put("karst.peer", node.id().toString());
        registrations.add(context.registerService(Node.class, node, props));
        registrations.add(context.registerService(Admin.class, node.admin(), props));
        registrations.add(context.registerService(Scopes.class, node, props));
        Log.of(CoreComponent.class).log(System.Logger.Level.INFO, "node {0}", node.id());
    }

    private Path keysDir(String configured) {
        if (!configured.isBlank()) {
            return Path.of(configured);
        }
        String data = property("karst.data", property("karaf.data", null));
        return data != null ? Path.of(data, "karst") : context.getDataFile("keys").toPath();
    }

    private Path runDir() {
        String run = property("karst.run", null);
        if (run != null) {
            return Path.of(run);
        }
        String data = property("karaf.data", null);
        return data == null ? null : Path.of(data, "run");
    }

    private String property(String name, String otherwise) {
        String v = context.getProperty(name);
        return v == null || v.isBlank() ? otherwise : v;
    }

    /** Tells the launcher, and components that wait for the condition. */
    private void ready(NodeEvent.Ready r) {
        synchronized (this) {
            if (stopped) {
                return;
            }
            Hashtable<String, Object> props = new Hashtable<>();
            props.put(Condition.CONDITION_ID, "karst.ready");
            registrations.add(context.registerService(Condition.class, Condition.INSTANCE, props));
        }
        String line = "READY peer=" + node.id() + " address=" + r.address();
        Log.of(CoreComponent.class).log(System.Logger.Level.INFO, "{0}", line);
        readyFile.write(line);
    }

    /** Other settings. Those that cannot be read change nothing. */
    @Modified
    void modified(CoreSettings settings) {
        CoreConfig next;
        try {
            next = SettingsReader.read(settings);
        } catch (KarstException e) {
            Log.of(CoreComponent.class)
                    .log(System.Logger.Level.ERROR, "settings as before: {0}", e.getMessage());
            return;
        }
        List<String> later = new ArrayList<>(node.configure(next));
        if (!settings.keys().equals(keys)) {
            later.add("keys");
        }
        if (later.isEmpty()) {
            Log.of(CoreComponent.class).log(System.Logger.Level.INFO, "new settings are in force");
        } else {
            Log.of(CoreComponent.class)
                    .log(
                            System.Logger.Level.WARNING,
                            "new settings are in force, but for {0}: from the next start on",
                            String.join(", ", later));
        }
    }

    /** Whether what ends is this component alone, or the container is to start again. */
    private boolean comesBack() {
        boolean all = context.getBundle(0).getState() == Bundle.STOPPING;
        return !all || Boolean.getBoolean("karaf.restart");
    }

    @Deactivate
    void stop() {
        List<ServiceRegistration<?>> all;
        synchronized (this) {
            stopped = true;
            all = new ArrayList<>(registrations);
            registrations.clear();
        }
        readyFile.delete();
        all.forEach(ServiceRegistration::unregister);
        context.removeBundleListener(stopping);
        closePorts();
        node.close(!comesBack());
        world.close();
    }

    /** The framework stops its bundles in any order: the mappers may go before us. */
    private void frameworkStops(BundleEvent e) {
        if (e.getType() == BundleEvent.STOPPING && e.getBundle().getBundleId() == 0) {
            closePorts();
        }
    }

    private void closePorts() {
        try {
            node.closePorts().toCompletableFuture().get(PORTS_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            Log.of(CoreComponent.class)
                    .log(
                            System.Logger.Level.WARNING,
                            "ports may stay open on the router until the next start");
        }
    }

    // --- providers ------------------------------------------------------------------------------

    private Map<String, Object> described(Map<String, Object> properties) {
        Map<String, Object> out = new HashMap<>(properties);
        Bundle b = context.getBundle(((Number) properties.get("service.bundleid")).longValue());
        if (b != null) {
            out.put("karst.bundle", b.getSymbolicName() + " " + b.getVersion());
        }
        return out;
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    synchronized void bindNet(NetDriver driver, Map<String, Object> properties) {
        node.registry().bind(NetDriver.class, driver, described(properties));
        chooseDriver();
    }

    synchronized void unbindNet(NetDriver driver, Map<String, Object> properties) {
        node.registry().unbind(NetDriver.class, properties);
        world.coreNetwork().driverGone(driver);
        synchronized (drivers) {
            drivers.values().removeIf(d -> d == driver);
        }
        chooseDriver();
    }

    /** Gives all sockets to the best driver that is not being drained. */
    private synchronized void chooseDriver() {
        List<ProviderHandle<NetDriver>> usable = node.registry().usable(NetDriver.class);
        if (!usable.isEmpty()) {
            NetDriver best = usable.get(0).service();
            synchronized (drivers) {
                drivers.put(usable.get(0), best);
            }
            world.coreNetwork().use(best);
        }
    }

    private List<String> driven(ProviderHandle<?> h) {
        NetDriver d;
        synchronized (drivers) {
            d = drivers.get(h);
        }
        int n = d == null || h.isGone() ? 0 : world.coreNetwork().driven(d);
        return n == 0 ? List.of() : List.of(n + " sockets");
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindTransport(Transport t, Map<String, Object> properties) {
        node.registry().bind(Transport.class, t, described(properties));
    }

    void unbindTransport(Transport t, Map<String, Object> properties) {
        node.registry().unbind(Transport.class, properties);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindCrypto(CryptoProvider c, Map<String, Object> properties) {
        node.registry().bind(CryptoProvider.class, c, described(properties));
    }

    void unbindCrypto(CryptoProvider c, Map<String, Object> properties) {
        node.registry().unbind(CryptoProvider.class, properties);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStrategy(TraversalStrategy s, Map<String, Object> properties) {
        node.registry().bind(TraversalStrategy.class, s, described(properties));
    }

    void unbindStrategy(TraversalStrategy s, Map<String, Object> properties) {
        node.registry().unbind(TraversalStrategy.class, properties);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindPredictor(PortPredictor p, Map<String, Object> properties) {
        node.registry().bind(PortPredictor.class, p, described(properties));
    }

    void unbindPredictor(PortPredictor p, Map<String, Object> properties) {
        node.registry().unbind(PortPredictor.class, properties);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindNat(NatDetector d, Map<String, Object> properties) {
        node.registry().bind(NatDetector.class, d, described(properties));
    }

    void unbindNat(NatDetector d, Map<String, Object> properties) {
        node.registry().unbind(NatDetector.class, properties);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindPortMapper(PortMapper m, Map<String, Object> properties) {
        node.registry().bind(PortMapper.class, m, described(properties));
    }

    void unbindPortMapper(PortMapper m, Map<String, Object> properties) {
        node.registry().unbind(PortMapper.class, properties);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindRelay(RelayProvider r, Map<String, Object> properties) {
        node.registry().bind(RelayProvider.class, r, described(properties));
    }

    void unbindRelay(RelayProvider r, Map<String, Object> properties) {
        node.registry().unbind(RelayProvider.class, properties);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindSignaling(SignalingBackend s, Map<String, Object> properties) {
        node.registry().bind(SignalingBackend.class, s, described(properties));
    }

    void unbindSignaling(SignalingBackend s, Map<String, Object> properties) {
        node.registry().unbind(SignalingBackend.class, properties);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindDirectory(PeerDirectory d, Map<String, Object> properties) {
        node.registry().bind(PeerDirectory.class, d, described(properties));
    }

    void unbindDirectory(PeerDirectory d, Map<String, Object> properties) {
        node.registry().unbind(PeerDirectory.class, properties);
    }
}
