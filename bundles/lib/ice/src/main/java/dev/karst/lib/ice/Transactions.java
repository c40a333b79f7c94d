// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.ice;

import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunTransaction;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Requests under way; at most {@value #MOST}, then the oldest is forgotten. */
final class Transactions {
    private static final int MOST = 256;

    private final Map<ByteBuffer, Check> byId = new LinkedHashMap<>();

    void add(Check c) {
        if (byId.size() >= MOST) {
            byId.remove(byId.keySet().iterator().next());
        }
        byId.put(ByteBuffer.wrap(c.request.transactionId()), c);
    }

    Optional<Check> find(StunMessage answer) {
        return Optional.ofNullable(byId.get(ByteBuffer.wrap(answer.transactionId())))
                .filter(c -> answer.answers(c.request));
    }

    void remove(Check c) {
        byId.remove(ByteBuffer.wrap(c.request.transactionId()));
    }

    /** What is to be done at that time: what is over is no longer held. */
    Due due(long now) {
        List<Check> send = new ArrayList<>();
        List<Check> over = new ArrayList<>();
        for (Check c : List.copyOf(byId.values())) {
            StunTransaction.Step step = c.timer.step(now);
            c.wakeAt = step.wakeAt();
            switch (step.action()) {
                case SEND -> {
                    if (!c.cancelled) {
                        send.add(c);
                    }
                }
                case GIVE_UP -> {
                    remove(c);
                    over.add(c);
                }
                default -> {
                    // not yet
                }
            }
        }
        return new Due(send, over);
    }

    long wakeAt() {
        long at = Long.MAX_VALUE;
        for (Check c : byId.values()) {
            at = Math.min(at, c.wakeAt);
        }
        return at;
    }

    /**
     * What time brought.
     *
     * @param send again
     * @param over given up
     */
    record Due(List<Check> send, List<Check> over) {}
}
