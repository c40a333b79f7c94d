// SPDX-License-Identifier: Apache-2.0
package dev.karst.crypto.jca;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.spi.crypto.CryptoProvider;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The rest is tested by the contract in itests/tck. */
class JcaCryptoTest {
    @Test
    void theFastSuiteIsFirst() {
        assertEquals(
                List.of(CryptoProvider.AESGCM, CryptoProvider.CHACHAPOLY),
                new JcaCrypto(true).suites());
        assertEquals(
                List.of(CryptoProvider.CHACHAPOLY, CryptoProvider.AESGCM),
                new JcaCrypto(false).suites());
        assertEquals(
                Set.of(CryptoProvider.AESGCM, CryptoProvider.CHACHAPOLY),
                Set.copyOf(new JcaCrypto().suites()));
    }
}
