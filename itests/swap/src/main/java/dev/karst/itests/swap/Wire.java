// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.swap;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One record of the hashed stream, the same both ways: a header of fixed length, then data. The
 * header carries the SHA-256 of all data so far, how far its sender has verified what came the
 * other way, which datagrams it misses, and when its pipes could not move.
 */
final class Wire {
    static final int HEADER = 1024;
    static final int SHA = 32;
    private static final int MAGIC = 0x6b535750;
    private static final int MOST_GAPS = 20;
    private static final int MOST_PAUSES = 12;

    /**
     * Datagrams that did not come.
     *
     * @param first number of the first
     * @param from {@link System#nanoTime} when the last one before them was sent; one clock for all
     *     processes of a machine
     * @param to when the first one after them was sent
     * @param missing how many
     */
    record Gap(long first, long from, long to, long missing) {}

    /** When pipes could not move data, in nanoseconds of {@link System#nanoTime}. */
    record Pause(long from, long to) {}

    /**
     * What a header says.
     *
     * @param rate bytes per second that the other side shall send; 0 for full speed
     * @param verified records of the other side that were right
     * @param bad records of the other side that were wrong
     * @param datagrams those that came
     */
    record Header(
            int length,
            int rate,
            long number,
            long verified,
            long bad,
            long datagrams,
            List<Gap> gaps,
            List<Pause> pauses,
            byte[] sha) {}

    private Wire() {}

    static void write(ByteBuffer out, Header h) {
        int start = out.position();
        out.putInt(MAGIC).putInt(h.length).putInt(h.rate);
        out.putLong(h.number).putLong(h.verified).putLong(h.bad).putLong(h.datagrams);
        List<Gap> gaps = last(h.gaps, MOST_GAPS);
        out.putInt(gaps.size());
        for (Gap g : gaps) {
            out.putLong(g.first).putLong(g.from).putLong(g.to).putLong(g.missing);
        }
        List<Pause> pauses = last(h.pauses, MOST_PAUSES);
        out.putInt(pauses.size());
        for (Pause p : pauses) {
            out.putLong(p.from).putLong(p.to);
        }
        out.put(start + HEADER - SHA, h.sha);
        out.position(start + HEADER);
    }

    static Header read(ByteBuffer in) {
        int start = in.position();
        if (in.getInt() != MAGIC) {
            throw new IllegalStateException("not the head of a record: bytes were lost or added");
        }
        int length = in.getInt();
        int rate = in.getInt();
        long number = in.getLong();
        long verified = in.getLong();
        long bad = in.getLong();
        long datagrams = in.getLong();
        List<Gap> gaps = new ArrayList<>();
        for (int n = in.getInt(); n > 0; n--) {
            gaps.add(new Gap(in.getLong(), in.getLong(), in.getLong(), in.getLong()));
        }
        List<Pause> pauses = new ArrayList<>();
        for (int n = in.getInt(); n > 0; n--) {
            pauses.add(new Pause(in.getLong(), in.getLong()));
        }
        byte[] sha = new byte[SHA];
        in.get(start + HEADER - SHA, sha);
        in.position(start + HEADER);
        return new Header(length, rate, number, verified, bad, datagrams, gaps, pauses, sha);
    }

    private static <T> List<T> last(List<T> all, int most) {
        return all.size() <= most ? all : all.subList(all.size() - most, all.size());
    }
}
