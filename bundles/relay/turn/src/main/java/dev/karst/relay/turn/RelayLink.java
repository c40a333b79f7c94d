// SPDX-License-Identifier: Apache-2.0
package dev.karst.relay.turn;

import dev.karst.KarstException;
import dev.karst.Subscription;
import dev.karst.lib.stun.turn.RestCredential;
import dev.karst.lib.stun.turn.TurnClient;
import dev.karst.lib.stun.turn.TurnData;
import dev.karst.lib.stun.turn.TurnFailure;
import dev.karst.spi.Scope;
import dev.karst.spi.net.TlsOptions;
import dev.karst.spi.relay.RelaySocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One allocation: the state machine, under a lock, its socket and its timer. Nobody else is called
 * under that lock.
 */
final class RelayLink implements RelaySocket, Wire.Reader {
    private final Scope scope;
    private final InetSocketAddress server;
    private final Wire wire;
    private final TurnClient client;
    private final Object calls = new Object();
    private final List<Runnable> later = new ArrayList<>();
    private Told told;
    private InetSocketAddress relayed;
    private volatile Handler handler;
    private boolean over;
    private boolean closing;
    private boolean handlerTold;
    private Subscription timer = () -> {};
    private Subscription cancel = () -> {};
    private long armedAt;
    private boolean armed;

    /** What became of it; told once. */
    interface Told {
        void reserved();

        void failed(TurnFailure why);
    }

    RelayLink(
            Scope scope,
            TurnUrl url,
            InetSocketAddress server,
            RestCredential account,
            boolean four,
            TlsOptions tls) {
        this.scope = scope;
        this.server = server;
        this.wire = Wire.to(scope, url, server, tls);
        boolean stream = url.over() != TurnUrl.Over.UDP;
        client =
                new TurnClient(
                        new TurnClient.Setup(
                                account, four, stream, id -> scope.secureRandom().nextBytes(id)),
                        new FromClient());
    }

    void open(Told whom) {
        told = whom;
        cancel = scope.onCancel(this::abandon);
        wire.open(this);
    }

    /** What the state machine says; under the lock. */
    private final class FromClient implements TurnClient.Events {
        @Override
        public void send(ByteBuffer message) {
            wire.send(message);
        }

        @Override
        public boolean send(ByteBuffer head, ByteBuffer data) {
            return wire.send(head, data);
        }

        @Override
        public void allocated(InetSocketAddress address, Optional<InetSocketAddress> mapped) {
            relayed = address;
            later.add(told::reserved);
        }

        @Override
        public void over(TurnFailure why) {
            boolean before = relayed == null;
            over = true;
            later.add(() -> ended(before, why));
        }

        @Override
        public void count(String what) {
            scope.count(what);
        }
    }

    private void ended(boolean before, TurnFailure why) {
        timer.close();
        cancel.close();
        wire.close();
        if (before) {
            told.failed(why);
        } else {
            tellClosed();
        }
    }

    private void tellClosed() {
        synchronized (calls) {
            if (handler != null && !handlerTold) {
                handlerTold = true;
                handler.closed();
            }
        }
    }

    /** Does it under the lock, then what it led to without. */
    private void locked(Runnable what) {
        List<Runnable> todo;
        synchronized (this) {
            what.run();
            arm();
            if (later.isEmpty()) {
                return;
            }
            todo = List.copyOf(later);
            later.clear();
        }
        todo.forEach(Runnable::run);
    }

    private void arm() {
        Optional<Long> next = over ? Optional.empty() : client.wakeAt();
        if (next.isEmpty() || armed && armedAt - next.get() <= 0) {
            return; // a timer that comes too early does no harm
        }
        timer.close();
        armed = true;
        armedAt = next.get();
        long nanos = Math.max(0, next.get() - scope.nanoTime());
        timer = scope.after(Duration.ofNanos(nanos), this::woken);
    }

    private void woken() {
        locked(
                () -> {
                    armed = false;
                    if (!over) {
                        client.wake(scope.nanoTime());
                    }
                });
    }

    /** The scope is over: a last word, without waiting for the answer. */
    private void abandon() {
        locked(
                () -> {
                    if (!over) {
                        over = true;
                        client.close(scope.nanoTime());
                    }
                });
        timer.close();
        wire.close();
        tellClosed();
    }

    // --- what the socket says

    @Override
    public void opened() {
        locked(
                () -> {
                    if (!over) {
                        client.start(scope.nanoTime());
                    }
                });
    }

    @Override
    public void received(ByteBuffer message) {
        Optional<TurnData> data;
        List<Runnable> todo = List.of();
        synchronized (this) {
            if (over) {
                return;
            }
            data = client.received(message, scope.nanoTime());
            if (data.isEmpty()) {
                arm();
                todo = List.copyOf(later);
                later.clear();
            }
        }
        todo.forEach(Runnable::run);
        Handler to = handler;
        if (data.isPresent() && to != null && !closing) {
            synchronized (calls) {
                if (!handlerTold) {
                    to.datagram(data.get().peer(), data.get().bytes());
                }
            }
        }
    }

    @Override
    public void broken(String why) {
        locked(
                () -> {
                    if (!over) {
                        client.broken(why);
                    }
                });
    }

    /** Whether the relay said anything yet. */
    synchronized boolean answered() {
        return client.answered();
    }

    // --- RelaySocket

    @Override
    public InetSocketAddress local() {
        return relayed;
    }

    @Override
    public InetSocketAddress server() {
        return server;
    }

    @Override
    public void start(Handler h) {
        boolean dead;
        synchronized (this) {
            if (handler != null) {
                throw new IllegalStateException("started already");
            }
            handler = h;
            dead = over;
        }
        if (dead) {
            tellClosed();
        }
    }

    @Override
    public boolean send(InetSocketAddress to, ByteBuffer datagram) {
        boolean sent;
        List<Runnable> todo = List.of();
        synchronized (this) {
            if (over || closing || to.isUnresolved() || to.getPort() == 0) {
                return false;
            }
            sent = client.send(to, datagram, scope.nanoTime());
            arm();
            if (!later.isEmpty()) {
                todo = List.copyOf(later);
                later.clear();
            }
        }
        todo.forEach(Runnable::run);
        return sent;
    }

    @Override
    public CompletionStage<Void> permit(InetAddress peer) {
        CompletableFuture<Void> out = new CompletableFuture<>();
        locked(
                () -> {
                    if (over || closing) {
                        later.add(() -> refuse(out, "the relay socket is closed"));
                    } else {
                        client.permit(
                                peer,
                                why ->
                                        later.add(
                                                () ->
                                                        why.ifPresentOrElse(
                                                                w -> refuse(out, w.text()),
                                                                () -> out.complete(null))),
                                scope.nanoTime());
                    }
                });
        return out.minimalCompletionStage();
    }

    private void refuse(CompletableFuture<Void> out, String why) {
        out.completeExceptionally(
                new KarstException(
                        KarstException.Code.NOT_PERMITTED,
                        "the relay " + server + " lets the peer not in: " + why));
    }

    @Override
    public void close() {
        locked(
                () -> {
                    if (!over && !closing) {
                        closing = true;
                        client.close(scope.nanoTime());
                    }
                });
        tellClosed();
    }
}
