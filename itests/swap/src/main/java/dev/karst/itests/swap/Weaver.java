// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import dev.karst.itests.swap.woven.Fault;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.osgi.framework.Bundle;

/**
 * Makes of a provider's jar one that fails at will: every method of it that implements one of the
 * SPI asks {@link Fault} first. The real provider otherwise, bit for bit.
 */
final class Weaver {
    private static final String SPI = "dev/karst/spi/";
    private static final Set<String> PROVIDERS =
            Set.of(
                    "NetDriver",
                    "Transport",
                    "CryptoProvider",
                    "NatDetector",
                    "PortMapper",
                    "TraversalStrategy",
                    "PortPredictor",
                    "RelayProvider",
                    "SignalingBackend",
                    "PeerDirectory");
    private static final String FAULT = Fault.class.getName().replace('.', '/');

    /**
     * The SPI's interfaces, to their methods by name and parameters, to what kind of call it is.
     */
    private final Map<String, Map<String, Integer>> known = new HashMap<>();

    private final Map<String, Set<String>> supers = new HashMap<>();
    private final Bundle spi;
    private final String bundle;

    /** {@code spi} is the bundle that exports the SPI. */
    Weaver(Bundle spi, String bundle) {
        this.spi = spi;
        this.bundle = bundle;
    }

    byte[] weave(byte[] jar) throws IOException {
        each(
                jar,
                (name, bytes) -> {
                    if (name.endsWith(".class")) {
                        ClassReader r = new ClassReader(bytes);
                        Set<String> above = new HashSet<>(Set.of(r.getInterfaces()));
                        if (r.getSuperName() != null) {
                            above.add(r.getSuperName());
                        }
                        supers.put(r.getClassName(), above);
                    }
                });
        ByteArrayOutputStream out = new ByteArrayOutputStream(jar.length + 8000);
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar));
                JarOutputStream to = new JarOutputStream(out, in.getManifest())) {
            for (JarEntry e = in.getNextJarEntry(); e != null; e = in.getNextJarEntry()) {
                byte[] bytes = in.readAllBytes();
                to.putNextEntry(new JarEntry(e.getName()));
                to.write(e.getName().endsWith(".class") ? woven(bytes) : bytes);
                to.closeEntry();
            }
            to.putNextEntry(new JarEntry(FAULT + ".class"));
            try (InputStream f = Weaver.class.getResourceAsStream("woven/Fault.class")) {
                f.transferTo(to);
            }
            to.closeEntry();
        }
        return out.toByteArray();
    }

    private interface Entry {
        void of(String name, byte[] bytes) throws IOException;
    }

    private static void each(byte[] jar, Entry what) throws IOException {
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar))) {
            for (JarEntry e = in.getNextJarEntry(); e != null; e = in.getNextJarEntry()) {
                what.of(e.getName(), in.readAllBytes());
            }
        }
    }

    private byte[] woven(byte[] bytes) throws IOException {
        ClassReader r = new ClassReader(bytes);
        Map<String, Integer> calls = new HashMap<>();
        gather(r.getClassName(), calls);
        if (calls.isEmpty() || (r.getAccess() & Opcodes.ACC_INTERFACE) != 0) {
            return bytes;
        }
        ClassWriter w = new ClassWriter(r, ClassWriter.COMPUTE_MAXS);
        r.accept(
                new ClassVisitor(Opcodes.ASM9, w) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String desc, String sig, String[] thrown) {
                        MethodVisitor m = super.visitMethod(access, name, desc, sig, thrown);
                        Integer control = calls.get(key(name, desc));
                        int no = Opcodes.ACC_STATIC | Opcodes.ACC_ABSTRACT;
                        return control == null || (access & no) != 0 ? m : asking(m, control);
                    }
                },
                0);
        return w.toByteArray();
    }

    private MethodVisitor asking(MethodVisitor m, int kind) {
        return new MethodVisitor(Opcodes.ASM9, m) {
            @Override
            public void visitCode() {
                super.visitCode();
                visitLdcInsn(bundle);
                visitInsn(Opcodes.ICONST_0 + kind);
                visitMethodInsn(
                        Opcodes.INVOKESTATIC, FAULT, "check", "(Ljava/lang/String;I)V", false);
            }
        };
    }

    private static String key(String name, String desc) {
        return name + desc.substring(0, desc.indexOf(')') + 1);
    }

    /** The SPI's methods that a class implements, also by what it extends. */
    private void gather(String type, Map<String, Integer> calls) throws IOException {
        if (type.startsWith(SPI)) {
            calls.putAll(methods(type));
            return;
        }
        for (String above : supers.getOrDefault(type, Set.of())) {
            gather(above, calls);
        }
    }

    /** Calls that carry data are those of what a provider made: paths, ciphers, relayed sockets. */
    private static int kind(String type, String desc) {
        if (desc.contains(")Ljava/util/concurrent/")) {
            return Fault.STAGE;
        }
        String name = type.substring(type.lastIndexOf('/') + 1);
        return PROVIDERS.contains(name) ? Fault.QUESTION : Fault.DATA;
    }

    private Map<String, Integer> methods(String type) throws IOException {
        Map<String, Integer> all = known.get(type);
        if (all != null) {
            return all;
        }
        Map<String, Integer> found = new HashMap<>();
        known.put(type, found);
        URL at = spi.getResource(type + ".class");
        if (at == null) {
            return found;
        }
        ClassReader r;
        try (InputStream in = at.openStream()) {
            r = new ClassReader(in);
        }
        if ((r.getAccess() & Opcodes.ACC_INTERFACE) == 0) {
            return found; // a record such as NatBehavior is data
        }
        r.accept(
                new ClassVisitor(Opcodes.ASM9) {
                    @Override
                    public MethodVisitor visitMethod(
                            int access, String name, String desc, String sig, String[] thrown) {
                        if ((access & Opcodes.ACC_STATIC) == 0) {
                            found.put(key(name, desc), kind(type, desc));
                        }
                        return null;
                    }
                },
                ClassReader.SKIP_CODE);
        for (String above : r.getInterfaces()) {
            if (above.startsWith(SPI)) {
                found.putAll(methods(above));
            }
        }
        return found;
    }
}
