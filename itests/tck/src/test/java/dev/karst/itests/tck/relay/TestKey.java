// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;

/** A self-signed certificate: as PKCS#12 and PEM files, and its pin. */
record TestKey(Path store, Path certificate, Path key, String pin) {
    static final String PASSWORD = "only-for-tests";

    static TestKey make(Path dir) throws Exception {
        Path store = dir.resolve("key.p12");
        Process p =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "karst",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-dname",
                                "CN=karst",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .redirectOutput(dir.resolve("keytool.log").toFile())
                        .start();
        if (p.waitFor() != 0) {
            throw new IllegalStateException(Files.readString(dir.resolve("keytool.log")));
        }
        KeyStore ks = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            ks.load(in, PASSWORD.toCharArray());
        }
        byte[] der = ks.getCertificate("karst").getEncoded();
        Path certificate = pem(dir.resolve("cert.pem"), "CERTIFICATE", der);
        byte[] pkcs8 = ks.getKey("karst", PASSWORD.toCharArray()).getEncoded();
        Path key = pem(dir.resolve("key.pem"), "PRIVATE KEY", pkcs8);
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(der);
        return new TestKey(store, certificate, key, HexFormat.of().formatHex(hash));
    }

    private static Path pem(Path file, String what, byte[] der) throws Exception {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                file, "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n");
    }
}
