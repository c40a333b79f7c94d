// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.KeyCertificate;
import dev.karst.PeerAddress;
import dev.karst.core.identity.SignalBox.Content;
import dev.karst.core.identity.SignalBox.Signal;
import dev.karst.core.identity.SignalBox.Type;
import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatProfile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
    private static final String ATTEMPT = "00112233445566778899aabbccddeeff";
    private static final NatProfile NAT =
            NatProfile.of(
                    NatBehavior.builder()
                            .udp(Behavior.ENDPOINT_INDEPENDENT, Behavior.ADDRESS_DEPENDENT)
                            .build());

    private final SecureRandom random = new SecureRandom();
    private final Identity alice = Identity.generate(random);
    private final Identity bob = Identity.generate(random);

    private static PeerAddress address(Identity i) {
        return i.address(List.of(), List.of(Endpoint.parse("tcp://127.0.0.1:1")));
    }

    @Test
    void keysSurviveRestartAndAreTheOwnersAlone(@TempDir Path dir) throws Exception {
        Path keys = dir.resolve("keys");
        Identity first = new KeyStore(keys).load(random);
        assertEquals(first.id(), new KeyStore(keys).load(random).id());
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(keys.resolve("identity"))));
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)));
    }

    @Test
    void damagedKeysAreNotReplaced(@TempDir Path dir) throws Exception {
        new KeyStore(dir).load(random);
        Path file = dir.resolve("identity");
        Files.writeString(file, Files.readString(file).substring(0, 80));
        KarstException e = assertThrows(KarstException.class, () -> new KeyStore(dir).load(random));
        assertTrue(e.getMessage().contains("backup"), e.getMessage());
    }

    /** A full disk, for real: /dev/full takes no byte. */
    @Test
    void keysOnAFullDiskSayWhatToDo(@TempDir Path dir) {
        Path nowhere = Path.of("/proc/karst-keys");
        KarstException e =
                assertThrows(KarstException.class, () -> new KeyStore(nowhere).load(random));
        assertTrue(e.getMessage().contains("dev.karst.core"), e.getMessage());
    }

    @Test
    void signalIsOpenedByItsRecipientOnceOnly() throws Exception {
        SignalBox to = new SignalBox(bob, random);
        byte[] sealed =
                new SignalBox(alice, random)
                        .seal(address(bob), Type.OFFER, ATTEMPT, address(alice), Content.of(NAT));
        Signal s = to.open(sealed);
        assertEquals(Type.OFFER, s.type());
        assertEquals(ATTEMPT, s.attempt());
        assertEquals(address(alice), s.from());
        assertEquals(NAT.ipv4().get().udp(), s.content().nat().ipv4().get().udp());
        assertThrows(GeneralSecurityException.class, () -> to.open(sealed));
        assertThrows(
                GeneralSecurityException.class, () -> new SignalBox(alice, random).open(sealed));
    }

    @Test
    void anAddressOfSomebodyElseIsRefused() throws Exception {
        byte[] sealed =
                new SignalBox(alice, random)
                        .seal(address(bob), Type.OFFER, ATTEMPT, address(bob), Content.of(NAT));
        assertThrows(GeneralSecurityException.class, () -> new SignalBox(bob, random).open(sealed));
    }

    @Test
    void keysThatChangedAreCheckedAgain() throws Exception {
        SignalBox to = new SignalBox(bob, random);
        SignalBox from = new SignalBox(alice, random);
        PeerAddress good = address(alice);
        PeerAddress bad =
                new PeerAddress(
                        good.id(),
                        good.handshakeKey(),
                        new KeyCertificate(
                                good.sealKey().key(),
                                good.sealKey().number() + 1,
                                good.sealKey().signature()),
                        good.signaling(),
                        good.candidates());
        for (int i = 0; i < 2; i++) {
            to.open(from.seal(address(bob), Type.OFFER, ATTEMPT, good, Content.of(NAT)));
            byte[] forged = from.seal(address(bob), Type.OFFER, ATTEMPT, bad, Content.of(NAT));
            assertThrows(GeneralSecurityException.class, () -> to.open(forged));
        }
    }

    @Test
    void fuzz() throws Exception {
        Random r = new Random(5);
        SignalBox to = new SignalBox(bob, random);
        byte[] sealed =
                new SignalBox(alice, random)
                        .seal(address(bob), Type.ANSWER, ATTEMPT, address(alice), Content.of(NAT));
        for (int i = 0; i < 600; i++) {
            byte[] bad = sealed.clone();
            bad[r.nextInt(bad.length)] ^= (byte) (1 + r.nextInt(255));
            byte[] cut = Arrays.copyOf(bad, i % 2 == 0 ? bad.length : r.nextInt(bad.length));
            assertThrows(GeneralSecurityException.class, () -> to.open(cut), "seed 5 #" + i);
        }
        to.open(sealed); // nothing of that spoiled the genuine one
    }
}
