// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.karst.KarstException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys on a disk that is really full: a small one in memory, mounted for the test. */
class FullDiskTest {
    private final SecureRandom random = new SecureRandom();
    @TempDir private Path temp;
    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        assumeThat("root".equals(System.getProperty("user.name")), "only root may mount a disk");
        Path at = Files.createDirectory(temp.resolve("disk"));
        String said = run("mount", "-t", "tmpfs", "-o", "size=64k", "karst-test", at.toString());
        assumeThat(said.isEmpty(), "cannot mount a disk here: " + said);
        disk = at;
    }

    @AfterEach
    void unmount() throws Exception {
        if (disk != null) {
            assertEquals("", run("umount", disk.toString()));
        }
    }

    private static void assumeThat(boolean holds, String why) {
        if (!holds) {
            System.err.println("skipped: " + why);
        }
        assumeTrue(holds, why);
    }

    /** What a command complained of; empty when it went well. */
    private static String run(String... command) throws Exception {
        Process p;
        try {
            p = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return e.getMessage();
        }
        String said = new String(p.getInputStream().readAllBytes()).trim();
        assertTrue(p.waitFor(10, TimeUnit.SECONDS), List.of(command) + " hangs");
        return p.exitValue() == 0 ? "" : "exit " + p.exitValue() + " " + said;
    }

    private Path fill() throws IOException {
        Path filler = disk.resolve("filler");
        try (OutputStream out = Files.newOutputStream(filler)) {
            IOException full =
                    assertThrows(
                            IOException.class,
                            () -> {
                                for (int i = 0; i < 1 << 20; i++) {
                                    out.write(new byte[64]);
                                }
                            });
            assertTrue(full.getMessage().contains("No space left"), full.getMessage());
        }
        return filler;
    }

    private static Set<String> files(Path dir) throws IOException {
        if (!Files.exists(dir)) {
            return Set.of();
        }
        try (Stream<Path> files = Files.list(dir)) {
            return files.map(f -> f.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void aFirstStartSaysWhatToDoAndLeavesNoHalfKey() throws Exception {
        Path filler = fill();
        Path keys = disk.resolve("keys");
        KarstException e =
                assertThrows(KarstException.class, () -> new KeyStore(keys).load(random));
        for (String part :
                List.of(keys.toString(), "No space left", "keys in PID dev.karst.core")) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
        assertEquals(KarstException.Code.IO, e.code());
        assertEquals(Set.of(), files(keys), "left behind");
        assertFalse(Files.exists(keys.resolve("identity")));
        Files.delete(filler);
        Identity made = new KeyStore(keys).load(random);
        assertEquals(made.id(), new KeyStore(keys).load(random).id());
    }

    @Test
    void whatWasKeptBeforeStays() throws Exception {
        Path keys = disk.resolve("keys");
        KeyStore store = new KeyStore(keys);
        Identity before = store.load(random);
        store.recordNumber(7);
        fill();
        assertThrows(IOException.class, () -> store.recordNumber(8));
        assertEquals(7, store.recordNumber());
        assertEquals(before.id(), new KeyStore(keys).load(random).id());
        assertEquals(Set.of("identity", "record-number"), files(keys), "left behind");
    }
}
