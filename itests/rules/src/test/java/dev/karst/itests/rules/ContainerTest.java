// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** All bundles in a real container: they resolve, start, give their services, and come and go. */
class ContainerTest {
    private static final Logger QUIET = Logger.getLogger("dev.karst");
    private static final String NODE = "dev.karst.Node";

    /**
     * Settings that are harmless here; what requires some and is not listed gets none but exists.
     */
    private static final Map<String, Map<String, Object>> SETTINGS =
            Map.of(
                    "dev.karst.core", Map.of("listen", new String[] {"tcp://127.0.0.1:0"}),
                    "dev.karst.server.mqtt", Map.of("listen", "127.0.0.1:0"),
                    "dev.karst.server.turn", Map.of("port", 0, "alternatePort", 0),
                    "dev.karst.signaling.mqtt", Map.of("url", "mqtt://127.0.0.1:1"),
                    "dev.karst.directory.mqtt", Map.of("url", "mqtt://127.0.0.1:1"),
                    "dev.karst.relay.turn",
                            Map.of("url", "turn:127.0.0.1:1", "user", "u", ".password", "p"),
                    "dev.karst.directory.fixed", Map.of("peers", new String[0]));

    @TempDir Path dir;
    private Container container;
    private final Map<String, Bundle> bundles = new LinkedHashMap<>();

    @BeforeAll
    static void quiet() {
        QUIET.setLevel(Level.SEVERE); // brokers that are not there are no news here
    }

    @BeforeEach
    void start() throws Exception {
        container = new Container(dir);
    }

    @AfterEach
    void stop() throws Exception {
        container.close();
    }

    private static Stream<Jar> shipped() {
        return House.jars().stream().filter(j -> j.kind() != Kind.LIB);
    }

    private void install(List<Jar> jars) throws BundleException {
        List<Bundle> fresh = new ArrayList<>();
        for (Jar j : jars) {
            Bundle b = container.install(j.path());
            bundles.put(j.name(), b);
            fresh.add(b);
        }
        Verdict.none(
                "every bundle resolves with the others and a plain container alone",
                "a missing import is found here and not by an integrator",
                container.unresolved(fresh));
        for (Bundle b : fresh) {
            b.start();
        }
    }

    private void configure() throws IOException {
        for (String pid : SETTINGS.keySet()) {
            configure(pid);
        }
    }

    private void configure(String pid) throws IOException {
        BundleContext c = container.context();
        ConfigurationAdmin admin = c.getService(c.getServiceReference(ConfigurationAdmin.class));
        admin.getConfiguration(pid, "?")
                .update(new Hashtable<>(SETTINGS.getOrDefault(pid, Map.of())));
    }

    /** By name: this test's own class path has another class of that name. */
    private ServiceReference<?>[] node() throws InvalidSyntaxException {
        return container.context().getAllServiceReferences(NODE, null);
    }

    private long nodeService() throws InvalidSyntaxException {
        ServiceReference<?>[] refs = node();
        assertNotNull(refs, "no Node service");
        assertEquals(1, refs.length);
        return (Long) refs[0].getProperty("service.id");
    }

    private void awaitNode() {
        await().until(() -> node() != null);
    }

    @Test
    void allResolveStartAndGiveTheirServices() throws Exception {
        configure();
        install(shipped().toList());
        awaitNode();
        BundleContext c = container.context();
        ServiceComponentRuntime scr =
                c.getService(c.getServiceReference(ServiceComponentRuntime.class));
        List<String> seen = new ArrayList<>();
        for (ComponentDescriptionDTO d : components(scr)) {
            seen.add(d.name);
            for (String pid : d.configurationPid) {
                if ("require".equals(d.configurationPolicy) && !SETTINGS.containsKey(pid)) {
                    configure(pid);
                }
            }
            await().alias(d.name + " is satisfied").until(() -> satisfied(scr, d));
            for (ComponentConfigurationDTO conf : scr.getComponentConfigurationDTOs(d)) {
                assertTrue(conf.failure == null, d.name + " failed: " + conf.failure);
            }
            for (String service : d.serviceInterfaces) {
                ServiceReference<?>[] refs =
                        c.getAllServiceReferences(service, "(component.name=" + d.name + ")");
                assertNotNull(refs, d.name + " registers no " + service);
                assertNotNull(c.getService(refs[0]), d.name + " cannot be made");
            }
        }
        assertTrue(seen.size() >= 12, seen.toString());
        Verdict.none(
                "every component of the manifests is known to the container",
                "a bundle that starts without its components does nothing, silently",
                shipped()
                        .flatMap(j -> j.header("Service-Component").stream())
                        .map(x -> x.name().replaceAll("OSGI-INF/(.*)\\.xml", "$1"))
                        .filter(n -> !seen.contains(n))
                        .toList());
    }

    private List<ComponentDescriptionDTO> components(ServiceComponentRuntime scr) {
        return scr.getComponentDescriptionDTOs().stream()
                .filter(d -> d.bundle.symbolicName.startsWith("dev.karst"))
                .toList();
    }

    private static boolean satisfied(ServiceComponentRuntime scr, ComponentDescriptionDTO d) {
        return scr.getComponentConfigurationDTOs(d).stream()
                .anyMatch(
                        c ->
                                c.state == ComponentConfigurationDTO.ACTIVE
                                        || c.state == ComponentConfigurationDTO.SATISFIED);
    }

    @Test
    void nothingThatComesOrGoesRestartsTheCore() throws Exception {
        configure();
        Set<Kind> floor = Set.of(Kind.API, Kind.SPI, Kind.CORE);
        install(shipped().filter(j -> floor.contains(j.kind())).toList());
        awaitNode();
        long node = nodeService();
        long wired = bundles.get("dev.karst.core").getLastModified();
        for (Jar j : shipped().filter(j -> j.kind() == Kind.DEP).toList()) {
            install(List.of(j));
        }
        List<Jar> rest =
                shipped().filter(j -> !floor.contains(j.kind()) && j.kind() != Kind.DEP).toList();
        for (Jar j : rest) {
            install(List.of(j));
            assertEquals(List.of(), container.refresh(), "installing " + j + " refreshes bundles");
            assertEquals(node, nodeService(), "installing " + j + " restarts the core");
        }
        for (Jar j : rest) {
            Bundle b = bundles.get(j.name());
            try (var in = Files.newInputStream(j.path())) {
                b.update(in);
            }
            assertEquals(List.of(), container.refresh(), "updating " + j + " refreshes others");
            assertEquals(node, nodeService(), "updating " + j + " restarts the core");
            assertEquals(Bundle.ACTIVE, b.getState(), j + " came back");
        }
        for (Jar j : rest) {
            bundles.get(j.name()).uninstall();
            container.refresh();
            assertEquals(node, nodeService(), "uninstalling " + j + " restarts the core");
        }
        assertEquals(wired, bundles.get("dev.karst.core").getLastModified());
    }

    /** Shows that the test above can fail, and that the README speaks the truth. */
    @Test
    void onlyTheFloorRestartsEverything() throws Exception {
        configure();
        install(shipped().toList());
        awaitNode();
        long node = nodeService();
        Path api = House.jars().stream().filter(j -> j.kind() == Kind.API).findFirst().get().path();
        try (var in = Files.newInputStream(api)) {
            bundles.get("dev.karst").update(in);
        }
        assertTrue(container.refresh().contains("dev.karst.core"));
        await().until(() -> node() != null && nodeService() != node);
    }

    @Test
    void whatDoesNotResolveIsSeen() throws Exception {
        Path jar = dir.resolve("bad.jar");
        Manifest m = new Manifest();
        Attributes a = m.getMainAttributes();
        a.putValue("Manifest-Version", "1.0");
        a.putValue("Bundle-ManifestVersion", "2");
        a.putValue("Bundle-SymbolicName", "bad");
        a.putValue("Import-Package", "no.such.thing");
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, m).close();
        }
        List<String> why = container.unresolved(Arrays.asList(container.install(jar)));
        assertEquals(1, why.size());
        assertTrue(why.get(0).contains("no.such.thing"), why.get(0));
    }
}
