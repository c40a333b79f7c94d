// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.crypto;

import dev.karst.crypto.bouncycastle.BouncyCastleCrypto;
import dev.karst.crypto.jca.JcaCrypto;
import dev.karst.spi.crypto.CryptoProvider;
import java.util.List;

class BouncyCastleCryptoContractTest extends CryptoProviderContract {
    @Override
    protected CryptoProvider provider() {
        return new BouncyCastleCrypto();
    }

    @Override
    protected List<CryptoProvider> others() {
        return List.of(new JcaCrypto());
    }
}
