// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.identity;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.lib.noise.NoiseKeyPair;
import dev.karst.lib.record.Ed25519;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Properties;
import java.util.Set;

/**
 * Keys at rest: one file {@code identity}, readable by its owner only, in a directory of its own;
 * beside it the number of the last published record and the lease ledger. Written to a new file and
 * moved, so that a full disk or a crash leaves the old one.
 */
public final class KeyStore {
    private static final String FORM = "karst-identity-1";
    private final Path dir;

    public KeyStore(Path dir) {
        this.dir = dir;
    }

    /**
     * Loads the identity, or makes one on first use.
     *
     * @throws KarstException CONFIGURATION or IO, with what to do
     */
    public Identity load(SecureRandom random) {
        Path file = dir.resolve("identity");
        try {
            if (Files.exists(file)) {
                return read(file);
            }
            Files.createDirectories(dir, dirAttributes());
            Identity created = Identity.generate(random);
            write("identity", text(created));
            return created;
        } catch (IOException e) {
            throw new KarstException(
                    Code.IO,
                    "cannot keep the node's keys in "
                            + dir
                            + ": "
                            + e
                            + ". Free space or fix its permissions, or set another directory"
                            + " (keys in PID dev.karst.core)",
                    e);
        }
    }

    private Identity read(Path file) throws IOException {
        Properties p = new Properties();
        p.load(new StringReader(Files.readString(file, StandardCharsets.UTF_8)));
        try {
            if (!FORM.equals(p.getProperty("form"))) {
                throw new IllegalArgumentException("form is " + p.getProperty("form"));
            }
            return new Identity(
                    new Ed25519.Pair(bytes(p, "ed25519.seed"), bytes(p, "ed25519.public")),
                    new NoiseKeyPair(bytes(p, "handshake.private"), bytes(p, "handshake.public")),
                    Long.parseLong(p.getProperty("handshake.number")),
                    new NoiseKeyPair(bytes(p, "seal.private"), bytes(p, "seal.public")),
                    Long.parseLong(p.getProperty("seal.number")));
        } catch (RuntimeException e) {
            throw new KarstException(
                    Code.CONFIGURATION,
                    file
                            + " is damaged ("
                            + e.getMessage()
                            + "). Restore it from a backup; deleting it makes this node a stranger to"
                            + " its peers");
        }
    }

    private static byte[] bytes(Properties p, String key) {
        byte[] b = Base64.getDecoder().decode(p.getProperty(key, ""));
        if (b.length != 32) {
            throw new IllegalArgumentException(key + " is missing or cut off");
        }
        return b;
    }

    private static String text(Identity i) {
        Base64.Encoder b64 = Base64.getEncoder();
        return String.join(
                "\n",
                "form=" + FORM,
                "ed25519.seed=" + b64.encodeToString(i.signing().seed()),
                "ed25519.public=" + b64.encodeToString(i.signing().publicKey()),
                "handshake.private=" + b64.encodeToString(i.handshakeKey().privateKey()),
                "handshake.public=" + b64.encodeToString(i.handshakeKey().publicKey()),
                "handshake.number=" + i.handshakeCertificate().number(),
                "seal.private=" + b64.encodeToString(i.sealKey().privateKey()),
                "seal.public=" + b64.encodeToString(i.sealKey().publicKey()),
                "seal.number=1",
                "");
    }

    private void write(String name, String text) throws IOException {
        Path fresh = dir.resolve(name + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, fileAttributes());
        try {
            Files.writeString(fresh, text, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            Files.move(
                    fresh,
                    dir.resolve(name),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh); // there only where it failed: no half key stays behind
        }
    }

    /** The number of the last published record; 0 before the first. */
    public long recordNumber() {
        try {
            return Long.parseLong(Files.readString(dir.resolve("record-number")).trim());
        } catch (IOException | NumberFormatException e) {
            return 0; // an owner that sees a higher number in a directory goes above it
        }
    }

    /** Remembers the number before a record with it is published. */
    public void recordNumber(long number) throws IOException {
        write("record-number", number + "\n");
    }

    /** The ledger of ports that are open on routers; empty before the first. */
    public String leases() {
        try {
            return Files.readString(dir.resolve("leases"));
        } catch (IOException e) {
            return ""; // none yet, or none that can be read: leases end by themselves
        }
    }

    /** Remembers what is open on routers, should we crash. */
    public void leases(String text) throws IOException {
        write("leases", text);
    }

    private static FileAttribute<?>[] fileAttributes() {
        return attributes("rw-------");
    }

    private static FileAttribute<?>[] dirAttributes() {
        return attributes("rwx------");
    }

    private static FileAttribute<?>[] attributes(String mode) {
        Set<String> views = java.nio.file.FileSystems.getDefault().supportedFileAttributeViews();
        return views.contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
                }
                : new FileAttribute<?>[0];
    }
}
