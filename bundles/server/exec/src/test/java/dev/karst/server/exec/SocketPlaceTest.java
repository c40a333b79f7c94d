// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketPlaceTest {
    @TempDir Path base;

    private static String mode(Path p) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(p));
    }

    @Test
    void makesAPrivateDirectory() throws IOException {
        Path wanted = base.resolve("data/run/exec.sock");
        try (SocketPlace place = SocketPlace.open(wanted)) {
            assertEquals(wanted, place.socket());
            assertEquals("rwx------", mode(wanted.getParent()));
            assertEquals("rw-------", mode(wanted));
        }
        assertFalse(Files.exists(wanted));
    }

    @Test
    void refusesADirectoryThatOthersCanEnter() throws IOException {
        Path run = Files.createDirectory(base.resolve("run"));
        Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwx--x---"));
        IOException e =
                assertThrows(IOException.class, () -> SocketPlace.open(run.resolve("exec.sock")));
        assertTrue(e.getMessage().contains("rwx--x---"), e.getMessage());
        assertTrue(e.getMessage().contains("chmod 700"), e.getMessage());
    }

    @Test
    void refusesALinkToElsewhere() throws IOException {
        Path real =
                Files.createDirectory(
                        base.resolve("real"),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
        Path link = Files.createSymbolicLink(base.resolve("run"), real);
        assertThrows(IOException.class, () -> SocketPlace.open(link.resolve("exec.sock")));
    }

    @Test
    void replacesWhatACrashLeft() throws IOException {
        Path wanted = base.resolve("run/exec.sock");
        SocketPlace.open(wanted).close();
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(wanted));
        }
        assertTrue(Files.exists(wanted));
        SocketPlace.open(wanted).close();
    }

    @Test
    void leavesAnotherInstanceAlone() throws IOException {
        Path wanted = base.resolve("run/exec.sock");
        try (SocketPlace first = SocketPlace.open(wanted)) {
            IOException e = assertThrows(IOException.class, () -> SocketPlace.open(wanted));
            assertTrue(e.getMessage().contains("in use"), e.getMessage());
            assertTrue(Files.exists(first.socket()));
        }
        Files.writeString(wanted, "mine");
        IOException e = assertThrows(IOException.class, () -> SocketPlace.open(wanted));
        assertTrue(e.getMessage().contains("not a socket"), e.getMessage());
        assertEquals("mine", Files.readString(wanted));
    }

    @Test
    void goesElsewhereWhereThePathIsTooLong() throws Exception {
        Path deep = base.resolve("d".repeat(60)).resolve("e".repeat(60));
        Path wanted = deep.resolve("data/run/exec.sock");
        Path pointer = wanted.resolveSibling("exec.path");
        Path elsewhere;
        try (SocketPlace place = SocketPlace.open(wanted)) {
            elsewhere = place.socket();
            assertTrue(elsewhere.toString().length() < 100, elsewhere.toString());
            assertEquals(elsewhere.toString(), Files.readString(pointer));
            assertEquals("rwx------", mode(elsewhere.getParent()));
        }
        assertFalse(Files.exists(elsewhere.getParent()));
        assertFalse(Files.exists(pointer));
        // A crash leaves both: the next start uses the same place.
        SocketPlace crashed = SocketPlace.open(wanted);
        crashed.server().close();
        try (SocketPlace next = SocketPlace.open(wanted)) {
            assertEquals(crashed.socket(), next.socket());
        }
        try (ExecWorld world = new ExecWorld(deep)) {
            assertEquals(0, ExecWorld.run(wanted, "say x").status());
        }
    }
}
