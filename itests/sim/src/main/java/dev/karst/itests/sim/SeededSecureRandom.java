// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.util.random.RandomGenerator;

/** Not secure at all: gives the same bytes for the same seed. */
final class SeededSecureRandom extends SecureRandom {
    private static final long serialVersionUID = 1;

    SeededSecureRandom(RandomGenerator source) {
        super(new Spi(source), null);
    }

    @Override
    public String getAlgorithm() {
        return "seeded";
    }

    private static final class Spi extends SecureRandomSpi {
        private static final long serialVersionUID = 1;
        private final transient RandomGenerator source;

        Spi(RandomGenerator source) {
            this.source = source;
        }

        @Override
        protected void engineSetSeed(byte[] seed) {
            // what is added would come from outside the world
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            source.nextBytes(bytes);
        }

        @Override
        protected byte[] engineGenerateSeed(int n) {
            byte[] b = new byte[n];
            source.nextBytes(b);
            return b;
        }
    }
}
