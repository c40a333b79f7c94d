// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.security.SecureRandom;

final class Keys {
    private Keys() {}

    static NoiseKeyPair fresh(NoisePrimitives primitives, SecureRandom random) {
        byte[] seed = new byte[32];
        random.nextBytes(seed);
        return primitives.keyPair(seed);
    }
}
