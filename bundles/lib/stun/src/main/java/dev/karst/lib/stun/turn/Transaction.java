// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn;

import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.StunTiming;
import dev.karst.lib.stun.StunTransaction;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A request under way, with what to do next; sent anew with another id when asked to prove. */
final class Transaction {
    /** A server that asks for yet another nonce this often is broken. */
    private static final int ROUNDS = 4;

    final int method;
    final StunTiming timing;
    final UnaryOperator<StunMessageBuilder> content;
    final BiConsumer<StunMessage, Long> success;
    final Consumer<TurnFailure> failure;
    StunMessage message;
    StunTransaction sending;
    long wakeAt;
    boolean sealed;
    private int rounds;

    Transaction(
            int method,
            StunTiming timing,
            UnaryOperator<StunMessageBuilder> content,
            BiConsumer<StunMessage, Long> success,
            Consumer<TurnFailure> failure) {
        this.method = method;
        this.timing = timing;
        this.content = content;
        this.success = success;
        this.failure = failure;
    }

    boolean again() {
        return ++rounds < ROUNDS;
    }
}
