// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Cuts a TCP stream into messages, RFC 8489 section 6.2.2, and on demand TURN channel data, RFC
 * 8656 section 12.5. Holds one incomplete message at most. Not thread-safe.
 */
public final class StunFramer {
    private final int max;
    private final boolean channelData;
    private byte[] held = new byte[4];
    private int have;
    private StunProblem problem;

    /**
     * A framer.
     *
     * @param max limit of a message with its header, in bytes
     * @param channelData whether channel data may come between the messages
     */
    public StunFramer(int max, boolean channelData) {
        if (max < StunMessage.HEADER) {
            throw new IllegalArgumentException("max: at least 20: " + max);
        }
        this.max = max;
        this.channelData = channelData;
    }

    /**
     * Takes bytes.
     *
     * @param in read up to its limit, or up to where the stream broke
     * @return what became complete: messages, and channel data with its padding (its first bit is
     *     0, its second 1)
     */
    public List<byte[]> feed(ByteBuffer in) {
        List<byte[]> out = new ArrayList<>();
        while (problem == null && in.hasRemaining()) {
            int want = have < 4 ? 4 : size();
            int n = Math.min(want - have, in.remaining());
            if (want > held.length) { // grows with what came, not with what was promised
                int room = Math.min(want, Math.max(2 * held.length, have + n));
                held = Arrays.copyOf(held, room);
                n = Math.min(n, room - have);
            }
            in.get(held, have, n);
            have += n;
            if (have == 4 && want == 4) {
                problem = header();
                want = size();
            }
            if (have >= 4 && have == want && problem == null) {
                out.add(Arrays.copyOf(held, have));
                held = new byte[4];
                have = 0;
            }
        }
        return out;
    }

    /** Why nothing more can be read: the stream lost its frames and must be closed. */
    public Optional<StunProblem> problem() {
        return Optional.ofNullable(problem);
    }

    /** Bytes of an incomplete message that are held. */
    public int held() {
        return have;
    }

    private int size() {
        int length = (held[2] & 0xff) << 8 | held[3] & 0xff;
        return (held[0] & 0xc0) == 0 ? StunMessage.HEADER + length : 4 + (length + 3 & ~3);
    }

    private StunProblem header() {
        int kind = held[0] & 0xc0;
        if (kind != 0 && !(kind == 0x40 && channelData)) {
            return StunProblem.TYPE;
        }
        if (kind == 0 && (held[3] & 3) != 0) {
            return StunProblem.LENGTH;
        }
        return size() > max ? StunProblem.LONG : null;
    }
}
