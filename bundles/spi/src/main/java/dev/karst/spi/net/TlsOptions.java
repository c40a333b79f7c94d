// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.net;

import java.util.Optional;

/**
 * Whom a TLS client trusts.
 *
 * @param pin SHA-256 of the server certificate (DER), 64 hex digits: then only that certificate is
 *     accepted and its names do not matter; empty = the platform's trust store and the host name
 */
public record TlsOptions(Optional<String> pin) {
    /** The platform's trust store and host name check. */
    public static TlsOptions platform() {
        return new TlsOptions(Optional.empty());
    }

    /**
     * Exactly this certificate.
     *
     * @throws IllegalArgumentException if the text is not 64 hex digits (colons allowed)
     */
    public static TlsOptions pinned(String sha256) {
        String hex = sha256.replace(":", "").toLowerCase(java.util.Locale.ROOT);
        if (!hex.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("a certificate pin is 64 hex digits");
        }
        return new TlsOptions(Optional.of(hex));
    }
}
