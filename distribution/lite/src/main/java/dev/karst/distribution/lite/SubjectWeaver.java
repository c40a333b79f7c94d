// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.framework.hooks.weaving.WovenClass;

/**
 * Lets Karaf 4.4's shell run on Java 24 and later: its calls of {@code Subject.getSubject} go to
 * {@link Subjects}. Only the constant pool is touched (JVMS §4.4): one class entry is appended and
 * the method reference pointed to it.
 */
final class SubjectWeaver implements WeavingHook {

    /** From here on {@code Subject.getSubject} throws (JEP 486). */
    static final int FIRST_JAVA = 24;

    private static final String SHELL = "org.apache.karaf.shell.core";
    private static final String SUBJECT = "javax/security/auth/Subject";
    private static final String METHOD = "getSubject";

    @Override
    public void weave(WovenClass woven) {
        if (!SHELL.equals(woven.getBundleWiring().getBundle().getSymbolicName())) {
            return;
        }
        byte[] before = woven.getBytes();
        byte[] after = redirect(before);
        if (after != before) {
            woven.setBytes(after);
            woven.getDynamicImports().add(Subjects.class.getPackageName());
        }
    }

    /** The same array if the class does not call it. */
    static byte[] redirect(byte[] bytes) {
        try {
            Pool pool = Pool.read(bytes);
            int reference = pool.methodReference(SUBJECT, METHOD);
            return reference < 0 ? bytes : pool.withOwner(reference, Subjects.class);
        } catch (IOException e) {
            return bytes;
        }
    }

    /** Offsets of the constants of one class file. */
    private record Pool(byte[] bytes, int[] offsets, int end) {

        private static final int COUNT_AT = 8;
        private static final int UTF8 = 1;
        private static final int CLASS = 7;
        private static final int METHOD_REF = 10;

        static Pool read(byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            in.skipNBytes(COUNT_AT);
            int[] offsets = new int[in.readUnsignedShort()];
            int at = COUNT_AT + 2;
            for (int i = 1; i < offsets.length; i++) {
                offsets[i] = at;
                int tag = in.readUnsignedByte();
                int size =
                        switch (tag) {
                            case UTF8 -> 2 + u2(bytes, at + 1);
                            case 3, 4, 9, METHOD_REF, 11, 12, 17, 18 -> 4;
                            case 5, 6 -> 8;
                            case CLASS, 8, 16, 19, 20 -> 2;
                            case 15 -> 3;
                            default -> throw new IOException("constant of unknown tag " + tag);
                        };
                in.skipNBytes(size);
                at += 1 + size;
                if (tag == 5 || tag == 6) {
                    i++; // long and double take two entries
                }
            }
            return new Pool(bytes, offsets, at);
        }

        /** The offset of the reference to owner.method, or -1. */
        int methodReference(String owner, String method) {
            for (int at : offsets) {
                if (at != 0 && bytes[at] == METHOD_REF) {
                    String ownerName = utf8(u2(bytes, offsets[u2(bytes, at + 1)] + 1));
                    String name = utf8(u2(bytes, offsets[u2(bytes, at + 3)] + 1));
                    if (owner.equals(ownerName) && method.equals(name)) {
                        return at;
                    }
                }
            }
            return -1;
        }

        byte[] withOwner(int reference, Class<?> owner) throws IOException {
            int utf8 = offsets.length;
            ByteArrayOutputStream result = new ByteArrayOutputStream(bytes.length + 64);
            DataOutputStream out = new DataOutputStream(result);
            byte[] head = Arrays.copyOf(bytes, end);
            put(head, COUNT_AT, utf8 + 2);
            put(head, reference + 1, utf8 + 1);
            out.write(head);
            out.writeByte(UTF8);
            out.writeUTF(owner.getName().replace('.', '/'));
            out.writeByte(CLASS);
            out.writeShort(utf8);
            out.write(bytes, end, bytes.length - end);
            return result.toByteArray();
        }

        private String utf8(int index) {
            int at = offsets[index];
            return new String(bytes, at + 3, u2(bytes, at + 1), StandardCharsets.UTF_8);
        }

        private static int u2(byte[] b, int at) {
            return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
        }

        private static void put(byte[] b, int at, int value) {
            b[at] = (byte) (value >> 8);
            b[at + 1] = (byte) value;
        }
    }
}
