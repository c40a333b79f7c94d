// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Channels by number, without boxes: open addressing. Numbers are positive. */
final class IntTable {
    private Channel[] slots = new Channel[4];
    private int size;

    Channel get(int number) {
        Channel[] s = slots;
        for (int i = number & s.length - 1; ; i = i + 1 & s.length - 1) {
            Channel c = s[i];
            if (c == null || c.number == number) {
                return c;
            }
        }
    }

    /** Adds one whose number is not there. */
    void add(Channel channel) {
        if (2 * (size + 1) > slots.length) {
            rebuild(all(c -> true), 2 * slots.length);
        }
        place(channel);
    }

    private void place(Channel channel) {
        int i = channel.number & slots.length - 1;
        while (slots[i] != null) {
            i = i + 1 & slots.length - 1;
        }
        slots[i] = channel;
        size++;
    }

    private void rebuild(List<Channel> all, int length) {
        slots = new Channel[length];
        size = 0;
        all.forEach(this::place);
    }

    /** Removes those; gives them. */
    List<Channel> remove(Predicate<Channel> which) {
        List<Channel> out = all(which);
        if (!out.isEmpty()) {
            rebuild(all(which.negate()), slots.length);
        }
        return out;
    }

    private List<Channel> all(Predicate<Channel> which) {
        List<Channel> out = new ArrayList<>();
        for (Channel c : slots) {
            if (c != null && which.test(c)) {
                out.add(c);
            }
        }
        return out;
    }

    int size() {
        return size;
    }
}
