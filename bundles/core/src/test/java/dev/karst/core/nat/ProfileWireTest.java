// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.nat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.MappingLifetime;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.Translation;
import java.net.InetSocketAddress;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProfileWireTest {
    /** Golden: what this release wrote, later ones must read. */
    private static final String GOLDEN =
            "0404045afffe7530753c0032" // UDP: APD, APD, dependent? step -2, 90 %, 30000..30012, 5/s
                    + "020000000000000000000000" // TCP: endpoint-independent, else unknown
                    + "03" // external source
                    + "0003" // CGNAT, DOUBLE_NAT
                    + "001e" // at least 30 s
                    + "04cb007105"
                    + "7531";

    private static NatBehavior behavior() {
        return NatBehavior.builder()
                .udp(
                        new Translation(
                                Behavior.ADDRESS_AND_PORT_DEPENDENT,
                                Behavior.ADDRESS_AND_PORT_DEPENDENT,
                                new PortAllocation(
                                        PortAllocation.Kind.DEPENDENT_STEP,
                                        -2,
                                        0.9,
                                        30000,
                                        30012,
                                        5)))
                .tcp(
                        new Translation(
                                Behavior.ENDPOINT_INDEPENDENT,
                                Behavior.UNKNOWN,
                                PortAllocation.unknown()))
                .hairpin(NatBehavior.Hairpin.EXTERNAL_SOURCE)
                .hint(NatBehavior.Hint.CGNAT)
                .hint(NatBehavior.Hint.DOUBLE_NAT)
                .lifetime(
                        new MappingLifetime(
                                Duration.ofSeconds(30),
                                Optional.empty(),
                                MappingLifetime.Refresh.UNKNOWN))
                .mapped(new InetSocketAddress("203.0.113.5", 30001))
                .local(new InetSocketAddress("192.168.1.2", 4000))
                .evidence("stays at home")
                .build();
    }

    @Test
    void isGolden() {
        assertEquals(GOLDEN, HexFormat.of().formatHex(ProfileWire.write(behavior())));
        NatBehavior read = ProfileWire.read(ByteBuffer.wrap(HexFormat.of().parseHex(GOLDEN)));
        NatBehavior sent = behavior();
        assertEquals(sent.udp(), read.udp());
        assertEquals(sent.tcp(), read.tcp());
        assertEquals(sent.hairpin(), read.hairpin());
        assertEquals(sent.hints(), read.hints());
        assertEquals(sent.lifetime(), read.lifetime());
        assertEquals(sent.mapped(), read.mapped());
        assertTrue(read.local().isEmpty() && read.evidence().isEmpty());
    }

    @Test
    void carriesIpv6AndNothing() {
        NatBehavior six =
                NatBehavior.builder().mapped(new InetSocketAddress("2001:db8::5", 7)).build();
        byte[] bytes = ProfileWire.write(six);
        assertEquals(six.mapped(), ProfileWire.read(ByteBuffer.wrap(bytes)).mapped());
        byte[] none = ProfileWire.write(NatBehavior.builder().build());
        assertArrayEquals(none, ProfileWire.write(ProfileWire.read(ByteBuffer.wrap(none))));
    }

    @Test
    void fuzz() {
        Random random = new Random(3);
        byte[] good = ProfileWire.write(behavior());
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 4));
            for (int k = random.nextInt(4); k >= 0 && bad.length > 0; k--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                ProfileWire.write(ProfileWire.read(ByteBuffer.wrap(bad)));
            } catch (BufferUnderflowException | IllegalArgumentException e) {
                assertTrue(bad.length > -1, "the two ways to refuse");
            }
        }
    }
}
