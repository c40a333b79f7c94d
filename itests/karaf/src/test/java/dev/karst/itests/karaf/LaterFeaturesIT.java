// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.net.URI;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** A small node streams in somebody's Apache Karaf, with its own settings; the rest comes later. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class LaterFeaturesIT {
    private static final String FAR = "karst.far";

    private static final Set<String> SMALL =
            Set.of(
                    "karst-core",
                    "karst-net-netty",
                    "karst-transport-tcp",
                    "karst-crypto-jca",
                    "karst-traversal-direct");

    @Inject private FeaturesService features;
    @Inject private BundleContext context;

    @Configuration
    public org.ops4j.pax.exam.Option[] configuration() {
        return Containers.plainKaraf(systemProperty(FAR).value(FarNode.address()));
    }

    @Test
    public void whatComesLaterBreaksNoPathUnderAStream() throws Exception {
        features.addRepository(URI.create(System.getProperty("karst.features")));
        features.installFeatures(SMALL, noOptions());
        Set<String> before = ours();
        NodeService node = NodeService.await(context);
        try (Quiet all = new Quiet(context);
                Stream stream = new Stream(node.object(), System.getProperty(FAR))) {
            for (Feature feature : oneByOne()) {
                features.installFeature(feature.getName(), feature.getVersion(), noOptions());
                stream.assertUnbroken("installing " + feature.getName());
                assertEquals("disturbed by " + feature.getName(), List.of(), all.disturbed());
                node.assertSameInstance("installing " + feature.getName());
            }
            Set<String> came = ours();
            came.removeAll(before);
            assertTrue("what came: " + came, came.size() >= 8);
            System.out.println(came.size() + " bundles came under " + stream.end() + " bytes");
        }
        assertEquals(Set.of(), Quiet.notRunning(context));
    }

    /** Those that only gather others come last. */
    private List<Feature> oneByOne() throws Exception {
        return Arrays.stream(features.getRepository("karst").getFeatures())
                .sorted(Comparator.comparing((Feature f) -> f.getBundles().isEmpty()))
                .toList();
    }

    private Set<String> ours() {
        return Arrays.stream(context.getBundles())
                .map(Bundle::getSymbolicName)
                .filter(name -> name.startsWith("dev.karst"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static EnumSet<Option> noOptions() {
        return EnumSet.noneOf(Option.class);
    }
}
