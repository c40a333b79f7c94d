// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.itests.tck.net.FlowPair;
import dev.karst.itests.tck.net.FlowPair.Faults;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.transport.quic.QuicTransport;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Where there is no native part for the platform; a JVM of its own is told that it is elsewhere.
 */
class QuicElsewhereTest {
    /** Runs in that JVM. */
    public static final class Main {
        private Main() {}

        public static void main(String[] args) {
            try (LocalWorld world = LocalWorld.netty();
                    FlowPair flows = new FlowPair(1, Faults.NONE)) {
                new QuicTransport()
                        .over(flows.a(), true, world.scope())
                        .whenComplete((p, e) -> System.out.println(e.getMessage()));
                System.out.println("flow closed: " + flows.a().isClosed());
            }
        }
    }

    @Test
    void saysSo() throws Exception {
        Process p =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dos.arch=riscv64",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, p.waitFor(), said);
        assertTrue(said.contains("QUIC has no native part for "), said);
        assertTrue(said.contains("flow closed: true"), said);
    }
}
