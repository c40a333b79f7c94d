// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who may use what. Each method gives the violations of the classes of one bundle. */
final class ClassRules {
    /** Libraries, and the bundles and packages (by prefix) that may use them. */
    private static final Map<String, Set<String>> LIBRARIES =
            Map.of(
                    "org.apache.karaf.features",
                    Set.of("dev.karst.upgrade"),
                    "io.netty",
                    Set.of(
                            "dev.karst.net.netty",
                            "dev.karst.transport.quic",
                            "dev.karst.signaling.mqtt",
                            "dev.karst.directory.mqtt",
                            "dev.karst.lib.mqtt",
                            "dev.karst.server"),
                    "org.bouncycastle",
                    Set.of(
                            "dev.karst.crypto.bouncycastle",
                            "dev.karst.lib.boxer",
                            "dev.karst.traversal.boxer",
                            "dev.karst.directory.boxer",
                            "dev.karst.signaling.boxer",
                            "dev.karst.server.boxer"),
                    "com.fasterxml.jackson",
                    Set.of(
                            "dev.karst.gateway.rest",
                            "dev.karst.console",
                            "dev.karst.lib.boxer",
                            "dev.karst.traversal.boxer",
                            "dev.karst.directory.boxer",
                            "dev.karst.signaling.boxer",
                            "dev.karst.server.boxer"),
                    "jakarta.servlet",
                    Set.of("dev.karst.gateway.rest", "dev.karst.console"),
                    "org.apache.karaf.shell",
                    Set.of("dev.karst.shell", "dev.karst.server.exec"),
                    "org.apache.karaf.jaas",
                    Set.of("dev.karst.server.exec"),
                    "org.apache.felix.hc",
                    Set.of("dev.karst.health"));

    /** Belongs to the JDK or to OSGi itself. */
    private static final List<String> PLATFORM =
            List.of(
                    "java.",
                    "javax.crypto",
                    "javax.net",
                    "javax.security.auth",
                    "javax.management",
                    "javax.xml",
                    "org.w3c.dom",
                    "org.xml.sax",
                    "org.osgi.");

    private ClassRules() {}

    /** The arrows between our own bundles. */
    static List<String> arrows(String bundle, Collection<JavaClass> classes) {
        List<String> out = new ArrayList<>();
        Kind kind = Kind.of(bundle);
        for (Dependency d : dependencies(classes)) {
            JavaClass target = base(d.getTargetClass());
            String p = target.getPackageName();
            if (!ours(p) || inside(p, bundle) || copy(d.getOriginClass(), p)) {
                continue;
            }
            if (!kind.mayUse(Kind.of(p))) {
                out.add(d.getOriginClass().getName() + " uses " + target.getName());
            }
        }
        return out;
    }

    /** The API has sub-packages of its own whose names look like siblings. */
    private static boolean inside(String p, String bundle) {
        if (Kind.of(bundle) == Kind.API) {
            return Kind.of(p) == Kind.API;
        }
        return p.equals(bundle) || p.startsWith(bundle + ".");
    }

    /** Libraries call each other inside their private copies. */
    private static boolean copy(JavaClass origin, String p) {
        return origin.getPackageName().startsWith("dev.karst.lib.")
                && p.startsWith("dev.karst.lib.");
    }

    /** Third-party libraries only where they belong. */
    static List<String> libraries(Collection<JavaClass> classes) {
        List<String> out = new ArrayList<>();
        for (Dependency d : dependencies(classes)) {
            JavaClass target = base(d.getTargetClass());
            String p = target.getPackageName();
            if (p.isEmpty() || ours(p) || PLATFORM.stream().anyMatch((p + ".")::startsWith)) {
                continue;
            }
            String user = d.getOriginClass().getPackageName();
            boolean allowed =
                    LIBRARIES.entrySet().stream()
                            .filter(e -> under(p, e.getKey()))
                            .anyMatch(e -> e.getValue().stream().anyMatch(u -> under(user, u)));
            if (!allowed) {
                out.add(d.getOriginClass().getName() + " uses " + target.getName());
            }
        }
        return out;
    }

    /** Public and protected signatures of api and spi. */
    static List<String> signatures(Collection<JavaClass> classes) {
        List<String> out = new ArrayList<>();
        for (JavaClass c : classes) {
            if (!visible(c.getModifiers())) {
                continue;
            }
            c.getAllRawSuperclasses().forEach(s -> foreign(c, "extends", s, out));
            c.getAllRawInterfaces().forEach(s -> foreign(c, "implements", s, out));
            for (JavaMember m : c.getMembers()) {
                if (visible(m.getModifiers())) {
                    m.getAllInvolvedRawTypes().forEach(t -> foreign(c, m.getName(), t, out));
                    if (m instanceof JavaCodeUnit u) {
                        u.getExceptionTypes().forEach(t -> foreign(c, m.getName(), t, out));
                    }
                }
            }
        }
        return out;
    }

    private static void foreign(JavaClass c, String where, JavaClass type, List<String> out) {
        JavaClass t = base(type);
        String p = t.getPackageName();
        boolean own = ours(p) && (Kind.of(p) == Kind.API || Kind.of(p) == Kind.SPI);
        if (!t.isPrimitive() && !own && !p.equals("java") && !p.startsWith("java.")) {
            out.add(c.getName() + " " + where + " " + t.getName());
        }
    }

    /** A provider is one package that shows nothing but its components and their settings. */
    static List<String> hidden(String bundle, Collection<JavaClass> classes) {
        List<String> out = new ArrayList<>();
        if (Kind.of(bundle) != Kind.PROVIDER) {
            return out;
        }
        for (JavaClass c : classes) {
            String p = c.getPackageName();
            if (!p.startsWith("dev.karst.lib.") && !p.equals(bundle)) {
                out.add(c.getName() + " is outside the one package " + bundle);
            }
        }
        return out;
    }

    private static boolean visible(Set<JavaModifier> modifiers) {
        return modifiers.contains(JavaModifier.PUBLIC)
                || modifiers.contains(JavaModifier.PROTECTED);
    }

    private static List<Dependency> dependencies(Collection<JavaClass> classes) {
        List<Dependency> out = new ArrayList<>();
        classes.forEach(c -> out.addAll(c.getDirectDependenciesFromSelf()));
        return out;
    }

    private static JavaClass base(JavaClass c) {
        return c.getBaseComponentType();
    }

    private static boolean ours(String p) {
        return p.equals("dev.karst") || p.startsWith("dev.karst.");
    }

    private static boolean under(String p, String prefix) {
        return p.equals(prefix) || p.startsWith(prefix + ".");
    }
}
