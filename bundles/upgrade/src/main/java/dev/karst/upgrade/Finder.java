// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.karaf.features.BundleInfo;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Finds what an operator means, or says why it cannot be done. */
final class Finder {
    private final BundleContext context;
    private final FeaturesService features;
    private final Path dir;

    Finder(BundleContext context, FeaturesService features, Path dir) {
        this.context = context;
        this.features = features;
        this.dir = dir;
    }

    Plan find(String what, String version) throws Exception {
        List<Feature> known = named(features.listFeatures(), what);
        return known.isEmpty() ? bundle(what, version) : feature(what, version, known);
    }

    private Plan feature(String name, String version, List<Feature> known) throws Exception {
        List<Feature> installed = named(features.listInstalledFeatures(), name);
        if (installed.size() != 1) {
            throw new Refused(
                    installed.isEmpty()
                            ? "the feature " + name + " is not installed: feature:install " + name
                            : "the feature " + name + " is installed in several versions");
        }
        Feature present = installed.get(0);
        String location = only(present, version).getLocation();
        Bundle old = context.getBundle(location);
        if (old == null) {
            throw new Refused("the bundle " + location + " of " + name + " is not installed");
        }
        Floor.check(old, version);
        if (Versions.isUrl(version)) {
            return plan(name, old, Jar.fetch(version, dir), present, null, null);
        }
        if (Versions.same(present.getVersion(), version)) {
            throw new Refused(name + " " + version + " is the installed one");
        }
        for (Feature f : known) {
            if (Versions.same(f.getVersion(), version)) {
                String url = only(f, version).getLocation();
                return plan(name, old, Jar.fetch(url, dir), present, f, f.getRepositoryUrl());
            }
        }
        return fromSibling(name, version, present, old);
    }

    /** The next release has its features under the same Maven coordinates. */
    private Plan fromSibling(String name, String version, Feature present, Bundle old)
            throws Exception {
        String here = FeatureFile.origin(present.getRepositoryUrl());
        String there = Versions.sibling(here, version);
        Exception cause = null;
        if (there != null) {
            try {
                Feature[] all = features.createRepository(URI.create(there)).getFeatures();
                for (Feature f : named(all, name)) {
                    Jar jar = Jar.fetch(only(f, version).getLocation(), dir);
                    return plan(name, old, jar, present, f, there);
                }
            } catch (Refused e) {
                throw e;
            } catch (Exception e) { // of Karaf's own making, some unchecked
                cause = e;
            }
        }
        throw new Refused(
                "no feature "
                        + name
                        + " "
                        + version
                        + " is known"
                        + (there == null ? "" : ", nor is " + there + " to be had")
                        + ": feature:repo-add its repository, or give the URL of its bundle"
                        + (cause == null ? "" : " (" + cause.getMessage() + ")"));
    }

    private Plan bundle(String name, String version) throws Exception {
        List<Bundle> all = bundles(name);
        if (all.isEmpty()) {
            throw new Refused("there is no feature and no bundle " + name);
        }
        Floor.check(all.get(0), version);
        String url = version;
        for (int i = 0; i < all.size() && !Versions.isUrl(url); i++) {
            String sibling = Versions.sibling(all.get(i).getLocation(), version);
            url = sibling == null ? url : sibling;
        }
        if (!Versions.isUrl(url)) {
            throw new Refused(
                    name
                            + " was installed from "
                            + all.get(0).getLocation()
                            + ", which says nothing of other versions: give a URL");
        }
        Jar jar = fetch(url);
        if (!jar.name().equals(name)) {
            throw new Refused(url + " is " + jar.name() + ", not " + name);
        }
        List<Bundle> others = new ArrayList<>(all);
        others.removeIf(b -> b.getVersion().toString().equals(jar.version()));
        if (others.size() != 1) {
            throw new Refused(
                    others.isEmpty()
                            ? jar.id() + " is the installed one"
                            : name + " is installed in " + others.size() + " other versions");
        }
        Bundle old = others.get(0);
        for (Feature f : features.listInstalledFeatures()) {
            for (BundleInfo b : f.getBundles()) {
                if (b.getLocation().equals(old.getLocation())) {
                    return plan(name, old, jar, f, null, null);
                }
            }
        }
        return plan(name, old, jar, null, null, null);
    }

    /** The way back from what a past replacement brought. */
    Plan back(History.Line line) throws Exception {
        String url = line.entry().backTo().orElse("");
        if (url.isEmpty()) {
            throw new Refused(
                    "it is not known where " + line.entry().from() + " came from: karst:upgrade");
        }
        String[] to = line.entry().to().split(" ");
        Bundle old = null;
        for (Bundle b : bundles(to[0])) {
            old = b.getVersion().toString().equals(to[1]) ? b : old;
        }
        if (old == null) {
            throw new Refused(line.entry().to() + " is not there any more");
        }
        Jar jar = fetch(url);
        for (Feature f : features.listInstalledFeatures()) {
            for (BundleInfo b : f.getBundles()) {
                if (b.getLocation().equals(old.getLocation())) {
                    return back(line, old, jar, f);
                }
            }
        }
        return plan(line.entry().what(), old, jar, null, null, null);
    }

    private Plan back(History.Line line, Bundle old, Jar jar, Feature present) throws Refused {
        Plan simple = plan(line.entry().what(), old, jar, present, null, null);
        if (!line.feature().equals(present.getName())) {
            return simple;
        }
        try {
            FeatureFile.origin(line.repository()); // whether it can be read
        } catch (IOException | IllegalArgumentException e) {
            return simple;
        }
        return new Plan(
                simple.what(),
                old,
                jar,
                simple.beside(),
                new Plan.FeatureChange(
                        present.getName(),
                        present.getVersion(),
                        line.featureVersion(),
                        present.getRepositoryUrl(),
                        line.repository(),
                        line.entry().backTo().orElseThrow()));
    }

    private Jar fetch(String url) throws Refused {
        try {
            return Jar.fetch(url, dir);
        } catch (IOException | IllegalArgumentException e) {
            throw new Refused("cannot read " + url + ": " + e.getMessage());
        }
    }

    /**
     * @param present the feature that has the old bundle; null for none
     * @param next its new version; null where the present one is to get the new bundle
     */
    private Plan plan(
            String what, Bundle old, Jar jar, Feature present, Feature next, String definition)
            throws Refused {
        if (!jar.provider() || !jar.name().equals(old.getSymbolicName())) {
            throw new Refused(
                    jar.id() + " does not provide what " + old.getSymbolicName() + " provides");
        }
        if (old.getVersion().toString().equals(jar.version())) {
            throw new Refused(
                    jar.id()
                            + " is the installed one; another build of the same version can only"
                            + " replace it in place: bundle:update "
                            + old.getBundleId());
        }
        Bundle beside = null;
        for (Bundle b : bundles(jar.name())) {
            if (b.getVersion().toString().equals(jar.version())) {
                beside = b;
            }
        }
        if (present == null) {
            return new Plan(what, old, jar, beside, null);
        }
        return new Plan(
                what,
                old,
                jar,
                beside,
                new Plan.FeatureChange(
                        present.getName(),
                        present.getVersion(),
                        next == null ? jar.version() : next.getVersion(),
                        present.getRepositoryUrl(),
                        next == null ? "" : definition,
                        next == null
                                ? old.getLocation()
                                : only(next, next.getVersion()).getLocation()));
    }

    /** The bundle that a feature is for; others may only be libraries. */
    private static BundleInfo only(Feature f, String version) throws Refused {
        List<? extends BundleInfo> own =
                f.getBundles().stream().filter(b -> !b.isDependency()).toList();
        if (own.size() != 1) {
            throw new Refused(
                    f.getName()
                            + " has "
                            + own.size()
                            + " bundles of its own: replace the features or bundles it is made of"
                            + " one by one, or "
                            + Floor.restart(version));
        }
        return own.get(0);
    }

    List<Bundle> bundles(String name) {
        return Arrays.stream(context.getBundles())
                .filter(b -> name.equals(b.getSymbolicName()))
                .toList();
    }

    private static List<Feature> named(Feature[] all, String name) {
        return Arrays.stream(all).filter(f -> f.getName().equals(name)).toList();
    }
}
