// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.exec;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * A bound socket in a directory that nobody else can enter. The directory is the protection: some
 * systems ignore the permissions of the socket itself.
 */
final class SocketPlace implements AutoCloseable {
    /** Holds the true path where the wanted one is too long. */
    static final String POINTER = "exec.path";

    /** sun_path has 104 bytes (BSD) or 108 (Linux), with the ending zero. */
    private static final int MAX_PATH = 100;

    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(
                    PosixFilePermission.OWNER_READ,
                    PosixFilePermission.OWNER_WRITE,
                    PosixFilePermission.OWNER_EXECUTE);

    private final ServerSocketChannel server;
    private final Path socket;
    private final Path pointer;

    private SocketPlace(ServerSocketChannel server, Path socket, Path pointer) {
        this.server = server;
        this.socket = socket;
        this.pointer = pointer;
    }

    ServerSocketChannel server() {
        return server;
    }

    Path socket() {
        return socket;
    }

    /**
     * Binds.
     *
     * @throws IOException if the directory is not private or somebody listens there already; the
     *     message says what to do
     */
    static SocketPlace open(Path wanted) throws IOException {
        Path path = wanted.toAbsolutePath().normalize();
        Path directory = path.getParent();
        secure(directory);
        Path pointer = directory.resolve(POINTER);
        if (length(path) <= MAX_PATH) {
            Files.deleteIfExists(pointer);
            return new SocketPlace(bind(path), path, null);
        }
        Path elsewhere = shortDirectory(pointer).resolve("exec.sock");
        if (length(elsewhere) > MAX_PATH) {
            throw new IOException(
                    "both "
                            + path
                            + " and java.io.tmpdir are too long for a socket: set \"socket\" of"
                            + " dev.karst.server.exec to a shorter path");
        }
        ServerSocketChannel server = bind(elsewhere);
        Files.writeString(pointer, elsewhere.toString());
        return new SocketPlace(server, elsewhere, pointer);
    }

    private static int length(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    /** The one of the last time if it is still ours, so that crashes leave one at most. */
    private static Path shortDirectory(Path pointer) throws IOException {
        if (Files.isRegularFile(pointer)) {
            Path last = Path.of(Files.readString(pointer).trim()).getParent();
            if (last != null && Files.isDirectory(last, LinkOption.NOFOLLOW_LINKS)) {
                secure(last);
                return last;
            }
        }
        return Files.createTempDirectory(
                "karst-", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }

    private static void secure(Path directory) throws IOException {
        if (Files.getFileAttributeView(directory, PosixFileAttributeView.class) == null) {
            throw new IOException("no POSIX permissions at " + directory + ": cannot protect it");
        }
        Files.createDirectories(directory.getParent());
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            // checked below
        }
        PosixFileAttributes is =
                Files.readAttributes(
                        directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!is.isDirectory()) {
            throw new IOException(directory + " is not a directory: remove it");
        }
        if (!OWNER_ONLY.containsAll(is.permissions())) {
            throw new IOException(
                    "others can enter "
                            + directory
                            + " ("
                            + PosixFilePermissions.toString(is.permissions())
                            + "): run chmod 700 on it, or set \"socket\" of dev.karst.server.exec"
                            + " to a path in a directory of its own");
        }
        Path probe = Files.createTempFile(directory, ".owner", "");
        try {
            if (!Files.getOwner(probe).equals(is.owner())) {
                throw new IOException(
                        directory
                                + " belongs to "
                                + is.owner()
                                + ": it has to belong to this user");
            }
        } finally {
            Files.delete(probe);
        }
    }

    private static ServerSocketChannel bind(Path path) throws IOException {
        removeStale(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException(path + " is not a socket: remove it");
        }
        try (SocketChannel other = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            Files.delete(path); // nobody listens: left by a crash
            return;
        }
        throw new IOException(path + " is in use: another Karst runs from here");
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(socket);
        if (pointer != null) {
            Files.deleteIfExists(pointer);
            Files.deleteIfExists(socket.getParent());
        }
    }
}
