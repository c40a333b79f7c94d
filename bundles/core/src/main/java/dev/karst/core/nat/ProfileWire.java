// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.nat;

import dev.karst.spi.nat.Behavior;
import dev.karst.spi.nat.MappingLifetime;
import dev.karst.spi.nat.NatBehavior;
import dev.karst.spi.nat.NatBehavior.Hairpin;
import dev.karst.spi.nat.NatBehavior.Hint;
import dev.karst.spi.nat.PortAllocation;
import dev.karst.spi.nat.Translation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/**
 * A {@link NatBehavior} in a signal; evidence, local address and time stay at home.
 *
 * <pre>
 *  translation of UDP (12) | translation of TCP (12) | hairpin (1) | hints, bits (2)
 *  | mapping lifetime at least s (2) | length of address 0, 4 or 16 (1) | address | port (2)
 *
 *  translation: mapping (1) | filtering (1) | allocation (1) | confidence % (1) | step (2, signed)
 *               | lowest port (2) | highest port (2) | arrivals per 10 s (2)
 * </pre>
 *
 * Codes are the positions in the enums of {@code dev.karst.spi.nat}; unknown ones are read as
 * UNKNOWN, unknown hints are ignored, and so are bytes after the end.
 */
public final class ProfileWire {
    private static final int MAX = 2 * 12 + 6 + 18;

    private ProfileWire() {}

    public static byte[] write(NatBehavior nat) {
        ByteBuffer out = ByteBuffer.allocate(MAX);
        write(out, nat.udp());
        write(out, nat.tcp());
        out.put((byte) nat.hairpin().ordinal());
        int hints = 0;
        for (Hint h : nat.hints()) {
            hints |= 1 << h.ordinal();
        }
        out.putShort((short) hints);
        out.putShort((short) Math.min(0xffff, nat.lifetime().atLeast().toSeconds()));
        byte[] address = nat.mapped().map(a -> a.getAddress().getAddress()).orElse(new byte[0]);
        out.put((byte) address.length).put(address);
        out.putShort((short) nat.mapped().map(InetSocketAddress::getPort).orElse(0).intValue());
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    private static void write(ByteBuffer out, Translation t) {
        PortAllocation a = t.allocation();
        out.put((byte) t.mapping().ordinal()).put((byte) t.filtering().ordinal());
        out.put((byte) a.kind().ordinal()).put((byte) Math.round(a.confidence() * 100));
        out.putShort((short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, a.step())));
        out.putShort((short) a.low()).putShort((short) a.high());
        out.putShort((short) Math.min(0xffff, Math.round(a.arrivals() * 10)));
    }

    /**
     * Reads what a peer says of itself: unproven.
     *
     * @throws java.nio.BufferUnderflowException if it is cut off
     * @throws IllegalArgumentException if it has an address of no known length
     */
    public static NatBehavior read(ByteBuffer in) {
        NatBehavior.Builder b = NatBehavior.builder();
        b.udp(translation(in)).tcp(translation(in));
        b.hairpin(code(Hairpin.values(), in.get()));
        int hints = in.getShort();
        for (Hint h : Hint.values()) {
            if ((hints & 1 << h.ordinal()) != 0) {
                b.hint(h);
            }
        }
        b.lifetime(
                new MappingLifetime(
                        Duration.ofSeconds(in.getShort() & 0xffff),
                        Optional.empty(),
                        MappingLifetime.Refresh.UNKNOWN));
        byte[] address = new byte[in.get() & 0xff];
        in.get(address);
        int port = in.getShort() & 0xffff;
        if (address.length > 0) {
            try {
                b.mapped(new InetSocketAddress(InetAddress.getByAddress(address), port));
            } catch (UnknownHostException e) {
                throw new IllegalArgumentException("an address of " + address.length + " bytes", e);
            }
        }
        return b.build();
    }

    private static Translation translation(ByteBuffer in) {
        Behavior mapping = code(Behavior.values(), in.get());
        Behavior filtering = code(Behavior.values(), in.get());
        PortAllocation.Kind kind = code(PortAllocation.Kind.values(), in.get());
        double confidence = Math.min(100, in.get() & 0xff) / 100.0;
        int step = in.getShort();
        int low = in.getShort() & 0xffff;
        int high = in.getShort() & 0xffff;
        double arrivals = (in.getShort() & 0xffff) / 10.0;
        return new Translation(
                mapping,
                filtering,
                new PortAllocation(kind, step, confidence, low, high, arrivals));
    }

    /** The first of each of these enums is UNKNOWN. */
    private static <T> T code(T[] values, byte code) {
        return code >= 0 && code < values.length ? values[code] : values[0];
    }
}
