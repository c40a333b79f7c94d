// SPDX-License-Identifier: Apache-2.0
/**
 * What a {@link dev.karst.spi.crypto.CryptoProvider} must do. A vendor extends {@link
 * dev.karst.itests.tck.crypto.CryptoProviderContract} and has the whole test:
 *
 * <pre>
 * class AcmeCryptoTest extends CryptoProviderContract {
 *     protected CryptoProvider provider() {
 *         return new AcmeCrypto();
 *     }
 *
 *     protected List&lt;CryptoProvider&gt; others() {
 *         return List.of(new JcaCrypto());
 *     }
 * }
 * </pre>
 */
package dev.karst.itests.tck.crypto;
