// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.karaf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;

import java.net.URI;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.inject.Inject;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.features.FeaturesService.Option;
import org.junit.Before;
import org.junit.FixMethodOrder;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.MethodSorters;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Somebody's Apache Karaf, with its own settings ({@code autoRefresh=true} among them). */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
@FixMethodOrder(MethodSorters.NAME_ASCENDING)
public class PlainKarafIT {

    @Inject private FeaturesService features;
    @Inject private BundleContext context;

    @Configuration
    public org.ops4j.pax.exam.Option[] configuration() {
        return Containers.plainKaraf();
    }

    @Before
    public void addRepository() throws Exception {
        URI repository = URI.create(System.getProperty("karst.features"));
        if (!features.isRepositoryUriBlacklisted(repository)
                && features.getRepository(repository) == null) {
            features.addRepository(repository);
        }
    }

    @Test
    public void aEveryFeatureInstallsAloneAndLeavesNothingBehind() throws Exception {
        // Karaf's own part of it, so that what remains at the end is ours.
        features.installFeature("scr", noOptions());
        Set<String> before = names();
        for (Feature feature : ours()) {
            features.installFeature(feature.getName(), feature.getVersion(), noOptions());
            assertEquals(feature.getName(), Set.of(), Quiet.notRunning(context));
            features.uninstallFeature(feature.getName(), feature.getVersion(), noOptions());
            assertEquals("left by " + feature.getName(), before, names());
        }
    }

    @Test
    public void bInstallingKarstDisturbsNobodyAndNothingLaterDisturbsKarst() throws Exception {
        try (Quiet others = new Quiet(context)) {
            features.installFeature("karst", noOptions());
            assertEquals(List.of(), others.disturbed());
        }
        NodeService node = NodeService.await(context);
        assertEquals(Set.of(), Quiet.notRunning(context));
        for (Feature feature : ours()) {
            try (Quiet all = new Quiet(context)) {
                features.installFeature(feature.getName(), feature.getVersion(), noOptions());
                assertEquals("disturbed by " + feature.getName(), List.of(), all.disturbed());
            }
            node.assertSameInstance("installing " + feature.getName());
        }
        assertEquals(Set.of(), Quiet.notRunning(context));
    }

    @Test
    public void cNoBundleOfOursMayEverBeRefreshedForAnOptionalImport() {
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getSymbolicName().startsWith("dev.karst")) {
                String imports = bundle.getHeaders().get("Import-Package");
                assertFalse(
                        bundle.getSymbolicName() + " imports optionally: " + imports,
                        imports != null && imports.contains("optional"));
                assertFalse(
                        bundle.getSymbolicName() + " imports dynamically",
                        bundle.getHeaders().get("DynamicImport-Package") != null);
            }
        }
    }

    private Feature[] ours() throws Exception {
        return features.getRepository("karst").getFeatures();
    }

    private Set<String> names() {
        return Arrays.stream(context.getBundles())
                .map(Bundle::getSymbolicName)
                .collect(Collectors.toSet());
    }

    private static EnumSet<Option> noOptions() {
        return EnumSet.noneOf(Option.class);
    }
}
