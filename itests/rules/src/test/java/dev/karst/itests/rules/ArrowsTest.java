// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The arrows of the design, over the jars that were built. */
class ArrowsTest {
    private static final List<Jar> JARS = House.jars();

    private static List<String> each(Function<Jar, List<String>> rule) {
        List<String> out = new ArrayList<>();
        JARS.forEach(j -> out.addAll(rule.apply(j)));
        return out;
    }

    private static List<String> eachOfOurs(
            BiFunction<String, Collection<JavaClass>, List<String>> rule) {
        return each(j -> j.kind() == Kind.DEP ? List.of() : rule.apply(j.name(), j.classes()));
    }

    @Test
    void everyModuleIsLookedAt() {
        assertEquals(
                House.modules().stream().map(House.Module::name).sorted().toList(),
                JARS.stream().map(Jar::name).sorted().toList(),
                "itests/rules/pom.xml must depend on every module of bundles/pom.xml");
    }

    @Test
    void dependenciesPointOneWay() {
        Verdict.none(
                "api <- spi <- {core, providers, servers, gateways}; core and providers do not know"
                        + " each other",
                "a part can be replaced in a running container only if nothing else was compiled"
                        + " against it",
                eachOfOurs(ClassRules::arrows));
    }

    @Test
    void librariesStayWhereTheyBelong() {
        Verdict.none(
                "io.netty only in net.netty, QUIC, MQTT and servers; org.bouncycastle only in"
                        + " crypto.bouncycastle and Boxer; Jackson only where JSON is spoken; any"
                        + " other library nowhere until ClassRules.LIBRARIES gives it a place",
                "a foreign type in the core or in a shared signature ties every bundle to one"
                        + " version of that library",
                eachOfOurs((name, classes) -> ClassRules.libraries(classes)));
    }

    @Test
    void sharedSignaturesAreOursAndTheJdks() {
        Verdict.none(
                "signatures of api and spi use java.* and own types only",
                "then no uses clause ever names a library, and no two versions can clash",
                each(
                        j ->
                                j.kind() == Kind.API || j.kind() == Kind.SPI
                                        ? ClassRules.signatures(j.classes())
                                        : List.of()));
        Verdict.none("no uses clause names a library", "see above", each(ManifestRules::uses));
    }

    @Test
    void aProviderIsOnePackage() {
        Verdict.none(
                "a provider is one package, libraries aside",
                "if it wants a second package, it wants a second bundle",
                eachOfOurs(ClassRules::hidden));
    }

    @Test
    void onlyApiAndSpiExportAndAllIsVersioned() {
        Verdict.none(
                "only api, spi and dep.* export, each package with a version",
                "an export is a promise; a provider that makes none can be replaced by any other",
                each(ManifestRules::exports));
    }

    @Test
    void wiringIsPlain() {
        Verdict.none(
                "no Require-Bundle, DynamicImport-Package, fragments, optional imports; no lib"
                        + " package imported",
                "a bundle that comes later must never refresh one that runs",
                each(ManifestRules::wiring));
    }

    @Test
    void librariesAreCopiedPrivately() {
        Verdict.none(
                "dev.karst.lib.* is inside every bundle that uses it",
                "a provider's refresh must not reach another through a shared library",
                each(j -> j.kind() == Kind.DEP ? List.of() : ManifestRules.copies(j)));
    }

    @Test
    void noServiceLoader() {
        Verdict.none(
                "no META-INF/services",
                "ServiceLoader looks at the class loader of the calling thread, which in a"
                        + " container is anybody's",
                each(ManifestRules::serviceFiles));
    }

    @Test
    void theWorldComesThroughTheScope() {
        Verdict.none(
                "no clock, chance, thread, executor, DNS, socket or sleep outside net.*, server.*,"
                        + " core.net and core.world",
                "what takes them from nowhere can neither be simulated nor be unloaded",
                eachOfOurs((name, classes) -> BannedCalls.world(classes)));
    }

    @Test
    void noHiddenThreads() {
        Verdict.none(
                "no *Async without executor, orTimeout, SubmissionPublisher, ServiceLoader,"
                        + " context class loader, Security.addProvider, parallel streams",
                "they start threads of the JDK or hang on to class loaders, and outlive the bundle",
                eachOfOurs((name, classes) -> BannedCalls.everywhere(classes)));
    }

    @Test
    void noThreadLocals() {
        Verdict.none(
                "no ThreadLocal",
                "threads are shared: the value would hold the class loader of a bundle that left",
                eachOfOurs((name, classes) -> BannedCalls.threadLocals(classes)));
    }
}
