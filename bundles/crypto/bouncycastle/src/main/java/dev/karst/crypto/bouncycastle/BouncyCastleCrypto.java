// SPDX-License-Identifier: Apache-2.0
package dev.karst.crypto.bouncycastle;

import dev.karst.lib.noise.AesHardware;
import dev.karst.lib.noise.NoiseHandshake;
import dev.karst.lib.noise.NoiseKeyPair;
import dev.karst.lib.noise.NoisePattern;
import dev.karst.lib.noise.NoisePrimitives;
import dev.karst.lib.noise.NoiseSuite;
import dev.karst.spi.ProviderProperties;
import dev.karst.spi.Scope;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.crypto.Handshake;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Noise with Bouncy Castle's X25519 and SHA-256, by its lightweight API, and the JDK's record
 * ciphers: each from where it is fastest.
 */
@Component(property = {ProviderProperties.NAME + "=bouncycastle", "service.ranking:Integer=100"})
public final class BouncyCastleCrypto implements CryptoProvider {
    private final NoisePrimitives primitives = new BouncyCastlePrimitives();
    private final List<String> suites;

    @Activate
    public BouncyCastleCrypto() {
        this(AesHardware.present());
    }

    BouncyCastleCrypto(boolean fastAes) {
        this.suites = fastAes ? List.of(AESGCM, CHACHAPOLY) : List.of(CHACHAPOLY, AESGCM);
    }

    @Override
    public List<String> suites() {
        return suites;
    }

    @Override
    public Handshake begin(
            String suite,
            Pattern pattern,
            boolean initiator,
            StaticKey key,
            Optional<byte[]> expected,
            byte[] prologue,
            Scope scope) {
        if (!suites.contains(suite)) {
            throw new IllegalArgumentException("unknown suite: " + suite);
        }
        NoiseHandshake noise =
                new NoiseHandshake(
                        switch (pattern) {
                            case IK -> NoisePattern.IK;
                            case XX -> NoisePattern.XX;
                        },
                        initiator,
                        NoiseSuite.named(suite),
                        primitives,
                        new NoiseKeyPair(key.privateKey(), key.publicKey()),
                        expected,
                        prologue,
                        scope.secureRandom());
        return new NoiseSession(noise, scope);
    }
}
