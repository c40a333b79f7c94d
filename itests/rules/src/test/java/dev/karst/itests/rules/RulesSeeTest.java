// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.karst.itests.rules.fixture.Bad;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.jar.Attributes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rule that cannot fail is none: each family is shown something bad. */
class RulesSeeTest {
    private static final Collection<JavaClass> BAD =
            List.copyOf(new ClassFileImporter().importClasses(Bad.class, Bad.BadException.class));

    private static Jar jar(String name, String... headers) {
        Attributes a = new Attributes();
        for (int i = 0; i < headers.length; i += 2) {
            a.putValue(headers[i], headers[i + 1]);
        }
        return new Jar(Path.of("none"), name, a, List.of("META-INF/services/java.lang.Runnable"));
    }

    @Test
    void wrongArrows() {
        // As a provider it may know neither the core nor another provider.
        Verdict.found(
                ClassRules.arrows("dev.karst.crypto.bad", BAD),
                "uses dev.karst.core.Counters",
                "uses dev.karst.transport.tcp.TcpTransport");
        // The core may know itself, but no provider.
        List<String> core = ClassRules.arrows("dev.karst.core", BAD);
        Verdict.found(core, "uses dev.karst.transport.tcp.TcpTransport");
        assertTrue(core.stream().noneMatch(v -> v.contains("Counters")), core.toString());
        Verdict.found(ClassRules.arrows("dev.karst.spi", BAD), "Counters", "TcpTransport");
    }

    @Test
    void foreignLibraries() {
        Verdict.found(ClassRules.libraries(BAD), "com.tngtech.archunit");
    }

    @Test
    void foreignSignatures() {
        Verdict.found(
                ClassRules.signatures(BAD),
                "foreign com.tngtech.archunit.core.domain.JavaClass",
                "foreign dev.karst.transport.tcp.TcpTransport",
                "core dev.karst.core.Counters");
    }

    @Test
    void aSecondPackage() {
        Verdict.found(ClassRules.hidden("dev.karst.crypto.bad", BAD), "fixture.Bad is outside");
    }

    @Test
    void bannedCalls() {
        Verdict.found(
                BannedCalls.world(BAD),
                "System.nanoTime",
                "Instant.now",
                "Thread.sleep",
                "Random.<init>",
                "SecureRandom.<init>",
                "Math.random",
                "Thread.<init>",
                "Executors.newCachedThreadPool",
                "Socket.<init>",
                "InetAddress.getByName",
                "DatagramChannel.open");
        List<String> everywhere = BannedCalls.everywhere(BAD);
        Verdict.found(
                everywhere,
                "CompletableFuture.runAsync",
                "CompletableFuture.orTimeout",
                "parallelStream",
                "ServiceLoader.load",
                "Thread.getContextClassLoader");
        assertTrue(
                everywhere.stream().noneMatch(v -> v.contains("thenApplyAsync")),
                "with an executor it is allowed");
        assertEquals(
                1, everywhere.stream().filter(v -> v.contains("runAsync")).count(), "only one");
        Verdict.found(BannedCalls.threadLocals(BAD), "ThreadLocal.<init>");
    }

    @Test
    void manifests() {
        Jar provider =
                jar(
                        "dev.karst.crypto.bad",
                        "Export-Package",
                        "dev.karst.crypto.bad,dev.karst.lib.noise;version=\"1.0.0\"",
                        "Import-Package",
                        "a.b;resolution:=optional;version=\"[1,2)\",dev.karst.lib.noise",
                        "Require-Bundle",
                        "x",
                        "DynamicImport-Package",
                        "*",
                        "Require-Capability",
                        "osgi.serviceloader;filter:=\"(x=y)\"");
        Verdict.found(
                ManifestRules.exports(provider),
                "exports dev.karst.crypto.bad",
                "with version null",
                "private copy of dev.karst.lib.noise");
        Verdict.found(
                ManifestRules.wiring(provider),
                "imports a.b optionally",
                "imports dev.karst.lib.noise",
                "Require-Bundle",
                "DynamicImport-Package",
                "osgi.serviceloader");
        Verdict.found(ManifestRules.serviceFiles(provider), "META-INF/services/java.lang.Runnable");
        Jar spi =
                jar(
                        "dev.karst.spi",
                        "Export-Package",
                        "dev.karst.spi;version=\"1.0.0\";uses:=\"dev.karst,io.netty.buffer\"");
        assertEquals(List.of(), ManifestRules.exports(spi));
        assertEquals(
                List.of("dev.karst.spi exports dev.karst.spi with uses of io.netty.buffer"),
                ManifestRules.uses(spi));
    }

    @Test
    void sources(@TempDir Path dir) throws IOException {
        Path src = Files.createDirectories(dir.resolve("src/main/java/dev/karst/other"));
        Files.createDirectories(dir.resolve("src/main/resources/OSGI-INF"));
        Files.writeString(
                dir.resolve("pom.xml"), "</parent>\n<artifactId>dev.karst.else</artifactId>");
        Path file = src.resolve("Long.java");
        Files.writeString(file, "package dev.karst.wrong;\n" + "\n".repeat(600));
        House.Module m = new House.Module("other", dir);
        Verdict.found(
                SourceRules.names(m),
                "has the artifact dev.karst.else, not dev.karst.other",
                "is in the package dev.karst.wrong",
                "does not lie where its package says");
        Verdict.found(SourceRules.readme(m), "has no README.md");
        Files.writeString(dir.resolve("README.md"), "# x");
        Verdict.found(SourceRules.readme(m), "1 lines");
        Verdict.found(SourceRules.handWritten(m), "OSGI-INF");
        Verdict.found(SourceRules.file(file), "does not begin with", "has 601 lines");
    }

    @Test
    void theReasonIsInTheMessage() {
        AssertionError e =
                assertThrows(
                        AssertionError.class, () -> Verdict.none("rule", "reason", List.of("bad")));
        assertTrue(e.getMessage().contains("because reason"), e.getMessage());
    }
}
