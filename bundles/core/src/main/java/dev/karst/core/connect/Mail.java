// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.connect;

import dev.karst.KarstException;
import dev.karst.KarstException.Code;
import dev.karst.core.Counters;
import dev.karst.core.identity.SignalBox;
import dev.karst.core.identity.SignalBox.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Messages between the strategies of one attempt and their other sides. Keeps what comes before its
 * strategy listens. Thread-safe.
 */
final class Mail {
    private static final int MOST = 32;
    private static final int STRATEGIES = 16;

    private final Function<Message, CompletionStage<?>> post;
    private final Counters counters;
    private final Map<String, Consumer<byte[]>> receivers = new HashMap<>(); // guarded by this
    private final Map<String, List<byte[]>> waiting = new HashMap<>();
    private final Map<String, Integer> sent = new HashMap<>();

    /**
     * @param post sends by signaling
     */
    Mail(Function<Message, CompletionStage<?>> post, Counters counters) {
        this.post = post;
        this.counters = counters;
    }

    CompletionStage<Void> send(String strategy, byte[] message) {
        if (message.length > SignalBox.MAX_MESSAGE) {
            return failed("a message is at most " + SignalBox.MAX_MESSAGE + " bytes");
        }
        synchronized (this) {
            if (sent.merge(strategy, 1, Integer::sum) > MOST) {
                return failed("an attempt sends at most " + MOST + " messages");
            }
        }
        return post.apply(new Message(strategy, message.clone())).thenAccept(x -> {});
    }

    private static CompletionStage<Void> failed(String why) {
        return CompletableFuture.failedFuture(new KarstException(Code.LIMIT, why));
    }

    /** From now on this one is told: a later race's takes over from an earlier one's. */
    void receiver(String strategy, Consumer<byte[]> receiver) {
        List<byte[]> first;
        synchronized (this) {
            receivers.put(strategy, receiver);
            first = waiting.remove(strategy);
        }
        if (first != null) {
            first.forEach(receiver);
        }
    }

    /** Tells this receiver no more; another one of the strategy stays. */
    synchronized void forget(String strategy, Consumer<byte[]> receiver) {
        receivers.remove(strategy, receiver);
    }

    void received(Message m) {
        Consumer<byte[]> receiver;
        synchronized (this) {
            receiver = receivers.get(m.strategy());
            if (receiver == null) {
                boolean room = waiting.containsKey(m.strategy()) || waiting.size() < STRATEGIES;
                List<byte[]> list =
                        room ? waiting.computeIfAbsent(m.strategy(), k -> new ArrayList<>()) : null;
                if (list == null || list.size() >= MOST) {
                    counters.add("signal.message-dropped");
                } else {
                    list.add(m.bytes());
                }
                return;
            }
        }
        receiver.accept(m.bytes());
    }
}
