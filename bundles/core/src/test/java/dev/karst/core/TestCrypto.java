// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.lib.noise.JdkPrimitives;
import dev.karst.lib.noise.NoiseHandshake;
import dev.karst.lib.noise.NoiseKeyPair;
import dev.karst.lib.noise.NoisePattern;
import dev.karst.lib.noise.NoiseRecords;
import dev.karst.lib.noise.NoiseSuite;
import dev.karst.spi.Scope;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.crypto.Handshake;
import dev.karst.spi.crypto.RecordCipher;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;

/** Real Noise for the core's own tests; the providers of record are tested elsewhere. */
final class TestCrypto implements CryptoProvider {
    private final List<String> suites;

    TestCrypto(String... suites) {
        this.suites = List.of(suites);
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
        NoiseHandshake h =
                new NoiseHandshake(
                        pattern == Pattern.IK ? NoisePattern.IK : NoisePattern.XX,
                        initiator,
                        suite.equals(AESGCM) ? NoiseSuite.AESGCM : NoiseSuite.CHACHAPOLY,
                        new JdkPrimitives(),
                        new NoiseKeyPair(key.privateKey(), key.publicKey()),
                        expected,
                        prologue,
                        scope.secureRandom());
        return new Handshake() {
            @Override
            public byte[] write(byte[] payload) {
                return h.write(payload);
            }

            @Override
            public byte[] read(byte[] message) throws GeneralSecurityException {
                return h.read(message);
            }

            @Override
            public boolean complete() {
                return h.complete();
            }

            @Override
            public byte[] remoteStatic() {
                return h.remoteStatic();
            }

            @Override
            public byte[] hash() {
                return h.hash();
            }

            @Override
            public RecordCipher records() {
                NoiseRecords r = h.split();
                return new RecordCipher() {
                    @Override
                    public void seal(long n, ByteBuffer ad, ByteBuffer plain, ByteBuffer out) {
                        r.seal(n, ad, plain, out);
                    }

                    @Override
                    public boolean open(long n, ByteBuffer ad, ByteBuffer in, ByteBuffer out) {
                        return r.open(n, ad, in, out);
                    }
                };
            }
        };
    }
}
