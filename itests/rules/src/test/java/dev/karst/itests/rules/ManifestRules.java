// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a manifest may say. Each method gives the violations of one bundle. */
final class ManifestRules {
    private static final Set<Kind> EXPORTERS = Set.of(Kind.API, Kind.SPI, Kind.DEP);

    private ManifestRules() {}

    static List<String> exports(Jar jar) {
        List<String> out = new ArrayList<>();
        for (Headers.Clause c : jar.header("Export-Package")) {
            if (!EXPORTERS.contains(jar.kind())) {
                out.add(jar + " exports " + c.name());
            }
            String version = c.parameters().get("version");
            if (version == null || !version.matches("[1-9][0-9]*(\\.[0-9A-Za-z_-]+){0,3}")) {
                out.add(jar + " exports " + c.name() + " with version " + version);
            }
            if (c.name().startsWith("dev.karst.lib")) {
                out.add(jar + " exports its private copy of " + c.name());
            }
        }
        return out;
    }

    static List<String> uses(Jar jar) {
        List<String> out = new ArrayList<>();
        if (jar.kind() != Kind.API && jar.kind() != Kind.SPI) {
            return out;
        }
        for (Headers.Clause c : jar.header("Export-Package")) {
            for (String used : c.parameters().getOrDefault("uses:", "").split(",")) {
                if (!used.isEmpty() && !ours(used)) {
                    out.add(jar + " exports " + c.name() + " with uses of " + used);
                }
            }
        }
        return out;
    }

    private static boolean ours(String used) {
        return used.equals("dev.karst") || used.startsWith("dev.karst.");
    }

    static List<String> wiring(Jar jar) {
        List<String> out = new ArrayList<>();
        for (String banned : List.of("Require-Bundle", "DynamicImport-Package", "Fragment-Host")) {
            if (jar.headers().getValue(banned) != null) {
                out.add(jar + " has " + banned + ": " + jar.headers().getValue(banned));
            }
        }
        for (Headers.Clause c : jar.header("Import-Package")) {
            if ("optional".equals(c.parameters().get("resolution:"))) {
                out.add(jar + " imports " + c.name() + " optionally");
            }
            if (c.name().startsWith("dev.karst.lib")) {
                out.add(jar + " imports " + c.name() + " instead of carrying a private copy");
            }
        }
        for (String header : List.of("Require-Capability", "Provide-Capability")) {
            for (Headers.Clause c : jar.header(header)) {
                if (c.name().equals("osgi.serviceloader")) {
                    out.add(jar + " has " + header + " " + c.name());
                }
            }
        }
        return out;
    }

    static List<String> serviceFiles(Jar jar) {
        return jar.kind() == Kind.DEP
                ? List.of()
                : jar.entries().stream()
                        .filter(e -> e.startsWith("META-INF/services/") && !e.endsWith("/"))
                        .map(e -> jar + " has " + e)
                        .toList();
    }

    /** A library class that is referred to must be inside. */
    static List<String> copies(Jar jar) {
        List<String> out = new ArrayList<>();
        jar.classes()
                .forEach(
                        c ->
                                c.getDirectDependenciesFromSelf().stream()
                                        .map(d -> d.getTargetClass().getBaseComponentType())
                                        .map(t -> t.getName())
                                        .filter(n -> n.startsWith("dev.karst.lib."))
                                        .filter(n -> !contains(jar, n))
                                        .forEach(n -> out.add(jar + " lacks " + n)));
        return out;
    }

    private static boolean contains(Jar jar, String className) {
        return jar.kind() == Kind.LIB
                || jar.entries().contains(className.replace('.', '/') + ".class");
    }
}
