// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.inject.Inject;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.features.FeaturesService.Option;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;

/** The archive that users unpack, started with a fresh data folder. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class DistributionIT {

    /** Every feature that brings providers; each must come and go under a running core. */
    private static final List<String> PROVIDERS =
            List.of(
                    "karst-net-netty",
                    "karst-transport-tcp",
                    "karst-transport-quic",
                    "karst-crypto-bouncycastle",
                    "karst-signaling-mqtt",
                    "karst-directory-mqtt",
                    "karst-directory-fixed",
                    "karst-traversal-direct",
                    "karst-traversal-reverse",
                    "karst-traversal-tcppunch",
                    "karst-traversal-udppunch",
                    "karst-traversal-predict",
                    "karst-portmap-pcp",
                    "karst-portmap-natpmp",
                    "karst-gateway-tunnel",
                    "karst-shell");

    private static final List<String> EXTRAS = List.of("karst-crypto-jca", "karst-server");

    @Inject private FeaturesService features;
    @Inject private BundleContext context;

    @Configuration
    public org.ops4j.pax.exam.Option[] configuration() {
        return Containers.distribution();
    }

    @Test
    public void aNodeStarts() throws Exception {
        NodeService.await(context);
        assertTrue(features.isInstalled(features.getFeature("karst")));
        assertEquals(Set.of(), Quiet.notRunning(context));
    }

    @Test
    public void neitherSshNorJmxIsThere() throws Exception {
        for (Feature feature : features.listInstalledFeatures()) {
            assertFalse(Set.of("ssh", "management").contains(feature.getName()));
        }
        assertTrue(
                Arrays.stream(context.getBundles())
                        .noneMatch(b -> b.getSymbolicName().contains("sshd")));
    }

    @Test
    public void everyFeatureIsInTheArchive() throws Exception {
        Set<String> known = new TreeSet<>();
        for (Feature feature : features.getRepository("karst").getFeatures()) {
            known.add(feature.getName());
        }
        assertTrue(known.toString(), known.containsAll(PROVIDERS) && known.containsAll(EXTRAS));
    }

    @Test
    public void providersComeAndGoUnderARunningCore() throws Exception {
        NodeService node = NodeService.await(context);
        // As its own requirement, so that it stays when `karst` is taken apart.
        features.installFeatures(Set.of("karst-core", "karst-server-exec"), noOptions());
        for (String name : EXTRAS) {
            features.installFeature(name, noOptions());
            node.assertSameInstance("installing " + name);
        }
        features.installFeatures(Set.copyOf(PROVIDERS), noOptions());
        features.uninstallFeature("karst", noOptions());
        node.assertSameInstance("uninstalling karst, its parts being there");
        for (String name : PROVIDERS) {
            features.uninstallFeature(name, noOptions());
            node.assertSameInstance("uninstalling " + name);
            assertFalse(features.isInstalled(features.getFeature(name)));
            features.installFeature(name, noOptions());
            node.assertSameInstance("installing " + name + " again");
        }
        features.installFeature("karst", noOptions());
        node.assertSameInstance("installing karst again");
        assertEquals(Set.of(), Quiet.notRunning(context));
    }

    private static EnumSet<Option> noOptions() {
        return EnumSet.noneOf(Option.class);
    }
}
