// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.features.FeaturesService.Option;
import org.apache.karaf.features.Repository;
import org.osgi.framework.Version;

/**
 * Makes a new bundle the one that Karaf regards as installed. Karaf computes all features anew at
 * each change of one, and takes the newest of those it knows: so the file of features that named
 * the old bundle is replaced by a copy that names the new one. Bundles that run are neither stopped
 * nor refreshed.
 */
final class FeatureSwitch {
    private static final EnumSet<Option> QUIET = EnumSet.of(Option.NoAutoRefreshBundles);

    private final FeaturesService features;
    private final Path dir;
    private final Consumer<String> say;

    FeatureSwitch(FeaturesService features, Path dir, Consumer<String> say) {
        this.features = features;
        this.dir = dir;
        this.say = say;
    }

    /** Writes the changed file: what is wrong with it shows before anything is touched. */
    Path prepare(Plan plan) throws Exception {
        Plan.FeatureChange c = plan.feature();
        int n = 1;
        while (Files.exists(file(n))) {
            n++;
        }
        Path file = file(n);
        FeatureFile.write(c, plan.jar().location(), file);
        for (Feature f : features.createRepository(file.toUri()).getFeatures()) {
            if (f.getName().equals(c.name()) && Versions.same(f.getVersion(), c.to())) {
                return file;
            }
        }
        throw new IOException("the changed features do not have " + c.name() + " " + c.to());
    }

    private Path file(int n) {
        return dir.resolve("features-" + n + ".xml");
    }

    /** Replaces the file of features and has Karaf take the new feature for installed. */
    void make(Plan plan, Path file) throws Exception {
        Plan.FeatureChange c = plan.feature();
        Set<URI> before = new LinkedHashSet<>();
        for (Repository r : features.listRequiredRepositories()) {
            before.add(r.getURI());
        }
        Set<URI> after = new LinkedHashSet<>(before);
        after.remove(URI.create(c.repository()));
        after.removeAll(tempting(c));
        after.add(file.toUri());
        replace(after);
        try {
            if (named(c.name())) {
                EnumSet<Option> options = EnumSet.copyOf(QUIET);
                options.add(Option.Upgrade);
                features.installFeature(c.name(), c.to(), options);
            } else {
                features.addRequirements(Map.of(), QUIET); // computes all anew
            }
            if (installed(c.name()).stream().noneMatch(f -> Versions.same(f, c.to()))) {
                throw new IOException("Karaf still has " + c.name() + installed(c.name()));
            }
        } catch (Exception e) {
            replace(before);
            throw e;
        }
    }

    /** Only the list: without the simulation this would compute in the background. */
    private void replace(Set<URI> repositories) throws Exception {
        features.updateReposAndRequirements(
                repositories, requirements(), EnumSet.of(Option.Simulate));
    }

    private Map<String, Set<String>> requirements() {
        return new HashMap<>(features.listRequirements());
    }

    /** Whether somebody installed it by its name, and not as a part of another. */
    private boolean named(String feature) {
        return features.listRequirements().values().stream()
                .flatMap(Set::stream)
                .anyMatch(r -> r.startsWith("feature:" + feature + "/"));
    }

    private List<String> installed(String name) throws Exception {
        List<String> out = new ArrayList<>();
        for (Feature f : features.listInstalledFeatures()) {
            if (f.getName().equals(name)) {
                out.add(f.getVersion());
            }
        }
        return out;
    }

    /**
     * Files with newer versions of what is installed as a part of another feature: at the next
     * change of any feature Karaf would replace all of that in place, the core, too.
     */
    private List<URI> tempting(Plan.FeatureChange c) throws Exception {
        Map<String, Version> present = new HashMap<>();
        for (Feature f : features.listInstalledFeatures()) {
            if (f.getName().startsWith("karst")) {
                present.merge(f.getName(), version(f), (a, b) -> a.compareTo(b) > 0 ? a : b);
            }
        }
        List<URI> out = new ArrayList<>();
        for (Repository r : features.listRequiredRepositories()) {
            for (Feature f : r.getFeatures()) {
                Version v = present.get(f.getName());
                if (v != null && version(f).compareTo(v) > 0) {
                    out.add(r.getURI());
                    if (!f.getName().equals(c.name())) {
                        say.accept(
                                "took "
                                        + r.getURI()
                                        + " off the list of features: the next feature:install"
                                        + " would have replaced all that it has newer");
                    }
                    break;
                }
            }
        }
        return out;
    }

    private static Version version(Feature f) {
        return Version.parseVersion(Versions.osgi(f.getVersion()));
    }
}
