// SPDX-License-Identifier: Apache-2.0
package dev.karst.crypto.jca;

import dev.karst.lib.noise.AesHardware;
import dev.karst.lib.noise.JdkAead;
import dev.karst.lib.noise.JdkPrimitives;
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

/** Noise by nothing but the JDK: X25519, AES-GCM, ChaCha20-Poly1305 and SHA-256. */
@Component(property = {ProviderProperties.NAME + "=jca", "service.ranking:Integer=0"})
public final class JcaCrypto implements CryptoProvider {
    private final NoisePrimitives primitives = new JdkPrimitives();
    private final List<String> suites;

    @Activate
    public JcaCrypto() {
        this(AesHardware.present());
    }

    JcaCrypto(boolean fastAes) {
        List<String> all = fastAes ? List.of(AESGCM, CHACHAPOLY) : List.of(CHACHAPOLY, AESGCM);
        // Restricted JDKs (FIPS) may lack one of them.
        this.suites = all.stream().filter(s -> JdkAead.supports(NoiseSuite.named(s))).toList();
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
