// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivilegedExceptionAction;
import java.util.Arrays;
import java.util.Dictionary;
import java.util.EnumSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.inject.Inject;
import javax.security.auth.Subject;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.features.FeaturesService.Option;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.SessionFactory;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * What an operator does who knows Karaf and nothing of us, in somebody's Apache Karaf with its own
 * settings ({@code autoRefresh=true}): a stream goes on through all of it.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class KarafWaysIT {
    private static final String FAR = "karst.far";
    private static final long WAIT_SECONDS = 20;
    private static final String TCP = "dev.karst.transport.tcp";

    /** What the stream needs. */
    private static final List<String> BUSY =
            List.of(
                    "dev.karst.net.netty",
                    TCP,
                    "dev.karst.crypto.jca",
                    "dev.karst.traversal.direct");

    @Inject private FeaturesService features;
    @Inject private BundleContext context;
    @Inject private ConfigurationAdmin configurations;
    @Inject private SessionFactory shells;

    private Stream stream;
    private NodeService node;

    @Configuration
    public org.ops4j.pax.exam.Option[] configuration() {
        return Containers.plainKaraf(systemProperty(FAR).value(FarNode.address()));
    }

    @Test
    public void aStreamOutlivesWhateverKarafOffers() throws Exception {
        features.addRepository(URI.create(System.getProperty("karst.features")));
        features.installFeatures(
                Set.of(
                        "karst-core",
                        "karst-net-netty",
                        "karst-transport-tcp",
                        "karst-crypto-jca",
                        "karst-traversal-direct",
                        "karst-nat-stun",
                        "karst-shell"),
                EnumSet.noneOf(Option.class));
        node = NodeService.await(context);
        try (Stream s = new Stream(node.object(), System.getProperty(FAR))) {
            stream = s;
            settings();
            watches(); // first: bundle:update by URL makes a bundle that is not watched any more
            updates();
            drops();
            newFeature();
            System.out.println(s.survived() + " bytes went through");
        }
        assertEquals(Set.of(), Quiet.notRunning(context));
    }

    /** Config Admin: what a file in etc/, config:edit and the web console end in. */
    private void settings() throws Exception {
        Hashtable<String, Object> core = new Hashtable<>();
        core.put("suspendLimit", 200);
        core.put("sessions", 50);
        core.put("listen", "tcp://[::]:0, tcp://127.0.0.1:0");
        configurations.getConfiguration("dev.karst.core", null).update(core);
        Until.holds(
                "another listener",
                WAIT_SECONDS,
                () -> shell("karst:node").contains("tcp://127.0.0.1:"));
        stream.assertUnbroken("new settings of the core");
        node.assertSameInstance("new settings of the core");
        core.put("suspendLimit", "soon");
        configurations.getConfiguration("dev.karst.core", null).update(core);
        stream.assertUnbroken("settings that cannot be read");
        Hashtable<String, Object> stun = new Hashtable<>();
        stun.put("servers", "127.0.0.1:3478");
        configurations.getConfiguration("dev.karst.nat.stun", null).update(stun);
        stream.assertUnbroken("new settings of a provider");
        node.assertSameInstance("new settings of a provider");
    }

    /** {@code bundle:update} and {@code bundle:refresh}. */
    private void updates() throws Exception {
        for (String name : BUSY) {
            Newer newer = new Newer(find(name).get(0));
            Path file = Files.createTempDirectory("karst-itest").resolve(name + ".jar");
            newer.write(file);
            long id = find(name).get(0).getBundleId();
            shell("bundle:update --refresh " + id + " " + file.toUri());
            Until.holds(
                    name + " is updated",
                    WAIT_SECONDS,
                    () -> versions(name).equals(Set.of(newer.version())));
            stream.assertAlive("bundle:update of " + name);
            node.assertSameInstance("bundle:update of " + name);
        }
    }

    /** A jar in deploy/, a newer one over it, and none again. */
    private void drops() throws Exception {
        Path deploy = Path.of(System.getProperty("karaf.base"), "deploy", "tcp.jar");
        Newer newer = new Newer(find(TCP).get(0));
        newer.jar(); // one release further than what is installed
        newer.write(deploy);
        Until.holds("dropped", WAIT_SECONDS, () -> versions(TCP).contains(newer.version()));
        stream.assertUnbroken("a newer version in deploy/");
        newer.write(deploy);
        Until.holds("dropped again", WAIT_SECONDS, () -> versions(TCP).contains(newer.version()));
        stream.assertAlive("another newer version in deploy/");
        Files.delete(deploy);
        Until.holds("gone", WAIT_SECONDS, () -> !versions(TCP).contains(newer.version()));
        stream.assertAlive("removing it from deploy/");
        node.assertSameInstance("deploy/");
    }

    /** {@code bundle:watch}: a developer builds, the container takes it. */
    private void watches() throws Exception {
        String name = "dev.karst.traversal.direct";
        Bundle b = find(name).get(0);
        Newer newer = new Newer(b);
        newer.jar();
        Path built = Path.of(System.getProperty("karaf.data"), "m2");
        String[] mvn = b.getLocation().split("[:/$]");
        Path file =
                built.resolve(mvn[1].replace('.', '/'))
                        .resolve(mvn[2])
                        .resolve(mvn[3])
                        .resolve(mvn[2] + "-" + mvn[3] + ".jar");
        // Karaf's watcher takes what stands in the file, and that is a variable in these
        // containers.
        org.osgi.service.cm.Configuration maven =
                configurations.getConfiguration("org.ops4j.pax.url.mvn", null);
        Dictionary<String, Object> now = maven.getProperties();
        now.put("org.ops4j.pax.url.mvn.localRepository", built.toString());
        maven.update(now);
        shell("bundle:watch " + b.getBundleId());
        newer.write(file);
        Until.holds("built", WAIT_SECONDS, () -> versions(name).equals(Set.of(newer.version())));
        shell("bundle:watch --stop");
        stream.assertAlive("bundle:watch");
        node.assertSameInstance("bundle:watch");
    }

    /** The feature in a newer version, by {@code feature:install --upgrade}. */
    private void newFeature() throws Exception {
        Newer newer = new Newer(find(TCP).get(0));
        newer.jar();
        newer.jar();
        Path folder = Files.createTempDirectory("karst-itest");
        Path jar = folder.resolve("tcp.jar");
        newer.write(jar);
        Path repository = folder.resolve("features.xml");
        Files.writeString(
                repository,
                "<features name='later' xmlns='http://karaf.apache.org/xmlns/features/v1.6.0'>"
                        + "<feature name='karst-transport-tcp' version='0.2.0'><bundle>"
                        + jar.toUri()
                        + "</bundle></feature></features>");
        shell("feature:repo-add " + repository.toUri());
        shell("feature:install --upgrade karst-transport-tcp/0.2.0");
        Until.holds("upgraded", WAIT_SECONDS, () -> versions(TCP).contains(newer.version()));
        stream.assertAlive("feature:install --upgrade");
        node.assertSameInstance("feature:install --upgrade");
    }

    /** As an administrator: Karaf hides commands from those who may not use them. */
    private String shell(String command) throws Exception {
        Class<?> role =
                context.getBundle(0)
                        .loadClass("org.apache.karaf.jaas.boot.principal.RolePrincipal");
        Subject admin = new Subject();
        for (String name : List.of("admin", "manager", "viewer")) {
            Object principal = role.getConstructor(String.class).newInstance(name);
            admin.getPrincipals().add((Principal) principal);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        return Subject.doAs(
                admin,
                (PrivilegedExceptionAction<String>)
                        () -> {
                            Session session =
                                    shells.create(InputStream.nullInputStream(), print, print);
                            try {
                                session.execute(command);
                            } finally {
                                session.close();
                            }
                            return out.toString(StandardCharsets.UTF_8);
                        });
    }

    private List<Bundle> find(String name) {
        return Arrays.stream(context.getBundles())
                .filter(b -> name.equals(b.getSymbolicName()))
                .toList();
    }

    private Set<String> versions(String name) {
        Set<String> out = new TreeSet<>();
        for (Bundle b : find(name)) {
            if (b.getState() == Bundle.ACTIVE) {
                out.add(b.getVersion().toString());
            }
        }
        return out;
    }
}
