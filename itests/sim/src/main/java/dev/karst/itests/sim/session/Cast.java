// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.session;

import dev.karst.core.identity.Identity;
import dev.karst.crypto.bouncycastle.BouncyCastleCrypto;
import dev.karst.crypto.jca.JcaCrypto;
import dev.karst.spi.crypto.CryptoProvider;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What seeds share because it is slow to make and the same in each: identities, always the same
 * ones, and crypto providers, which hold no state.
 */
public final class Cast {
    private static final int IDENTITIES = 6;
    private static final List<Identity> PEOPLE = new ArrayList<>();
    private static final List<CryptoProvider> CRYPTO =
            List.of(new JcaCrypto(), new BouncyCastleCrypto());

    static {
        SplittableRandom source = new SplittableRandom(1);
        SecureRandom fixed =
                new SecureRandom() {
                    private static final long serialVersionUID = 1;

                    @Override
                    public void nextBytes(byte[] bytes) {
                        source.nextBytes(bytes);
                    }
                };
        for (int i = 0; i < IDENTITIES; i++) {
            PEOPLE.add(Identity.generate(fixed));
        }
    }

    private Cast() {}

    public static Identity person(int i) {
        return PEOPLE.get(Math.floorMod(i, IDENTITIES));
    }

    public static CryptoProvider crypto(int i) {
        return CRYPTO.get(Math.floorMod(i, CRYPTO.size()));
    }
}
