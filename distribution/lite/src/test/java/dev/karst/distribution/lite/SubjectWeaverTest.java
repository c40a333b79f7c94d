// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import org.apache.karaf.shell.support.ShellUtil;
import org.junit.jupiter.api.Test;

class SubjectWeaverTest {

    @Test
    void theShellNoLongerAsksTheJdkForASubject() throws Exception {
        byte[] before = bytesOf(ShellUtil.class);

        byte[] after = SubjectWeaver.redirect(before);

        assertNotSame(before, after);
        // Loading and calling it proves the constant pool well formed, on every Java.
        Class<?> woven = new Loader().define(ShellUtil.class.getName(), after);
        assertNull(woven.getMethod("getCurrentUserName").invoke(null));
        assertSame(after, SubjectWeaver.redirect(after), "nothing left to redirect");
    }

    @Test
    void otherClassesStayAsTheyAre() throws IOException {
        byte[] bytes = bytesOf(SubjectWeaver.class);

        assertSame(bytes, SubjectWeaver.redirect(bytes));
    }

    private static byte[] bytesOf(Class<?> type) throws IOException {
        try (var in =
                type.getClassLoader()
                        .getResourceAsStream(type.getName().replace('.', '/') + ".class")) {
            return in.readAllBytes();
        }
    }

    private static final class Loader extends ClassLoader {
        Loader() {
            super(SubjectWeaverTest.class.getClassLoader());
        }

        Class<?> define(String name, byte[] bytes) {
            return defineClass(name, bytes, 0, bytes.length);
        }
    }
}
