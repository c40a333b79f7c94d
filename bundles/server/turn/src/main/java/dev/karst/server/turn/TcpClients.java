// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.server.StunResponder;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The connections. Beyond the limit the one that was silent longest makes room, so that idle ones
 * cannot lock others out. On the listener's thread.
 */
final class TcpClients implements AutoCloseable {
    private final Selector selector;
    private final int limit;
    private final Consumer<String> counter;

    /** Those that spoke last come last. */
    private final Set<TcpClient> clients = new LinkedHashSet<>();

    private final List<SelectionKey> paused = new ArrayList<>();
    private volatile int count;

    TcpClients(Selector selector, int limit, Consumer<String> counter) {
        this.selector = selector;
        this.limit = limit;
        this.counter = counter;
    }

    void accept(ServerSocketChannel socket, StunResponder responder, int end) throws IOException {
        TurnListener.Ready ready = key -> accept(key, socket, responder, end);
        socket.register(selector, SelectionKey.OP_ACCEPT, ready);
    }

    private void accept(
            SelectionKey key, ServerSocketChannel socket, StunResponder responder, int end) {
        try {
            SocketChannel channel = socket.accept();
            if (channel != null) {
                add(channel, responder, end);
            }
        } catch (IOException e) { // mostly: no file descriptors left
            counter.accept("tcp.unaccepted");
            key.interestOps(0);
            paused.add(key);
        }
    }

    private void add(SocketChannel channel, StunResponder responder, int end) {
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            TcpClient client = new TcpClient(this, channel, responder, end);
            channel.register(selector, SelectionKey.OP_READ, client);
            clients.add(client);
            counter.accept("tcp.accepted");
            if (clients.size() > limit) {
                close(clients.iterator().next(), "tcp.closed.full");
            }
            count = clients.size();
        } catch (IOException e) { // it is gone already
            quietly(channel);
        }
    }

    /** It spoke. */
    void heard(TcpClient client) {
        if (clients.remove(client)) {
            clients.add(client);
        }
    }

    void close(TcpClient client, String why) {
        if (clients.remove(client)) {
            counter.accept(why);
            quietly(client.channel());
            count = clients.size();
        }
    }

    void tick(long now) {
        paused.forEach(k -> k.interestOps(SelectionKey.OP_ACCEPT));
        paused.clear();
        while (!clients.isEmpty() && clients.iterator().next().idle(now)) {
            close(clients.iterator().next(), "tcp.closed.idle");
        }
    }

    /** From any thread. */
    int count() {
        return count;
    }

    @Override
    public void close() {
        clients.forEach(c -> quietly(c.channel()));
        clients.clear();
        count = 0;
    }

    private static void quietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It has no bytes of ours left.
        }
    }
}
