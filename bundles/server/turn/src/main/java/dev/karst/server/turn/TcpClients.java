// SPDX-License-Identifier: Apache-2.0
package dev.karst.server.turn;

import dev.karst.lib.stun.server.StunResponder;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The connections. Beyond the limit the one that was silent longest makes room, so that idle ones
 * cannot lock others out; those with an allocation stay. On the listener's thread.
 */
final class TcpClients implements AutoCloseable {
    private final Selector selector;
    private final int limit;
    private final ByteBuffer buffer;
    private final Executor costly;
    private final Executor loop;
    private final Consumer<String> counter;

    /** Those that spoke last come last. */
    private final Set<TcpClient> clients = new LinkedHashSet<>();

    private final List<SelectionKey> paused = new ArrayList<>();
    private volatile int count;

    /**
     * What clients of a socket find.
     *
     * @param end of the responder
     * @param relaying null without relay
     * @param relayEnd of the relay
     * @param tls null without TLS
     */
    record Serves(StunResponder responder, int end, Relaying relaying, int relayEnd, Tls tls) {}

    /**
     * None yet.
     *
     * @param buffer to read into, shared by all of this thread
     * @param costly runs tasks elsewhere
     * @param loop runs tasks on this thread
     */
    TcpClients(
            Selector selector,
            int limit,
            ByteBuffer buffer,
            Executor costly,
            Executor loop,
            Consumer<String> counter) {
        this.selector = selector;
        this.limit = limit;
        this.buffer = buffer;
        this.costly = costly;
        this.loop = loop;
        this.counter = counter;
    }

    void accept(ServerSocketChannel socket, Serves serves) throws IOException {
        TurnListener.Ready ready = key -> accept(key, socket, serves);
        socket.register(selector, SelectionKey.OP_ACCEPT, ready);
    }

    private void accept(SelectionKey key, ServerSocketChannel socket, Serves serves) {
        try {
            SocketChannel channel = socket.accept();
            if (channel != null) {
                add(channel, serves);
            }
        } catch (IOException e) { // mostly: no file descriptors left
            counter.accept("tcp.unaccepted");
            key.interestOps(0);
            paused.add(key);
        }
    }

    private void add(SocketChannel channel, Serves serves) {
        if (clients.size() >= limit && !makeRoom()) {
            counter.accept("tcp.refused.full");
            quietly(channel);
            return;
        }
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            TcpClient client = new TcpClient(this, channel, serves);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ, client);
            TlsLayer tls =
                    serves.tls() == null
                            ? null
                            : new TlsLayer(
                                    serves.tls().engine(),
                                    costly,
                                    loop,
                                    client::wire,
                                    client::plain,
                                    () -> client.close("tcp.closed.tls"));
            client.start(key, tls);
            clients.add(client);
            counter.accept("tcp.accepted");
            count = clients.size();
        } catch (IOException e) { // it is gone already
            quietly(channel);
        }
    }

    private boolean makeRoom() {
        for (TcpClient c : clients) {
            if (!c.busy()) {
                c.close("tcp.closed.full");
                return true;
            }
        }
        return false;
    }

    ByteBuffer buffer() {
        return buffer.clear();
    }

    void count(String what) {
        counter.accept(what);
    }

    /** It spoke. */
    void heard(TcpClient client) {
        if (clients.size() > 1 && clients.remove(client)) {
            clients.add(client);
        }
    }

    void closed(TcpClient client, String why) {
        if (clients.remove(client)) {
            counter.accept(why);
            quietly(client.channel());
            count = clients.size();
        }
    }

    void tick(long now) {
        paused.forEach(k -> k.interestOps(SelectionKey.OP_ACCEPT));
        paused.clear();
        clients.stream().filter(c -> c.idle(now)).toList().forEach(c -> c.close("tcp.closed.idle"));
    }

    /** From any thread. */
    int count() {
        return count;
    }

    @Override
    public void close() {
        clients.forEach(TcpClient::abandon);
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
