// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import dev.karst.Endpoint;
import dev.karst.KarstException;
import dev.karst.itests.tck.net.LocalWorld;
import dev.karst.spi.Scope;
import dev.karst.spi.net.DatagramFlow;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.PunchSocket;
import dev.karst.spi.traversal.RelayPunchSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** One side of a {@link FakeMeeting}: what its attempt needs of sockets and messages. */
final class FakeSide {
    private static final int MESSAGES = 32;

    private final FakeMeeting meeting;
    private final Scope scope;
    private final FakeAttempt attempt;
    private final List<FakePunch> shared = new CopyOnWriteArrayList<>();
    private final List<FakePunch> own = new CopyOnWriteArrayList<>();
    private final List<FakePunch> relays = new CopyOnWriteArrayList<>();
    private final List<byte[]> early = new ArrayList<>(); // guarded by this, like the rest
    private Consumer<byte[]> told;
    private int sent;

    FakeSide(FakeMeeting meeting, Scope scope, boolean initiator) {
        this.meeting = meeting;
        this.scope = scope;
        attempt = new FakeAttempt(scope, initiator, this);
    }

    FakeAttempt attempt() {
        return attempt;
    }

    /** As the core makes it of the id; the label is in docs/wire.md. */
    String user() {
        return FakePunch.user(attempt.id(), attempt.initiator());
    }

    void open() {
        shared.add(
                new FakePunch(
                        LocalWorld.get(scope.network().bindUdp(FakeMeeting.loopback())),
                        user(),
                        meeting));
    }

    List<Endpoint> candidates() {
        return shared.stream()
                .map(s -> Endpoint.parse("udp://127.0.0.1:" + s.local().getPort() + "?typ=host"))
                .toList();
    }

    List<PunchSocket> sockets() {
        return List.copyOf(shared);
    }

    CompletionStage<PunchSocket> bind(InetSocketAddress local) {
        return scope.network()
                .bindUdp(local)
                .thenApply(
                        s -> {
                            FakePunch p = new FakePunch(s, user(), meeting);
                            own.add(p);
                            return p;
                        });
    }

    boolean isRelay(InetSocketAddress a) {
        return relays.stream().anyMatch(r -> r.local().equals(a));
    }

    CompletionStage<RelayPunchSocket> relay() {
        if (!meeting.relays()) {
            return CompletableFuture.failedStage(
                    new KarstException(KarstException.Code.NO_PROVIDER, "no relay here"));
        }
        return scope.network()
                .bindUdp(FakeMeeting.loopback())
                .thenApply(
                        s -> {
                            FakePunch p = new FakePunch(s, user(), meeting);
                            relays.add(p);
                            return p;
                        });
    }

    DatagramFlow flow(PunchSocket socket, InetSocketAddress remote) {
        FakePunch p = (FakePunch) socket;
        if (!shared.contains(p) && !own.contains(p) && !relays.contains(p)) {
            throw new IllegalStateException("not a socket of this attempt");
        }
        return p.flow(remote);
    }

    FakePath over(DatagramFlow flow) {
        return new FakePath(
                Endpoint.of("udp", flow.local()), Endpoint.of("udp", flow.remote()), flow::close);
    }

    FakePath over(TcpSocket socket) {
        return new FakePath(
                Endpoint.of("tcp", socket.local()),
                Endpoint.of("tcp", socket.remote()),
                socket::close);
    }

    CompletionStage<Path> prove(FakePath path) {
        return meeting.prove(this, path);
    }

    CompletionStage<Void> tell(byte[] message) {
        synchronized (this) {
            if (message.length > 1_024 || ++sent > MESSAGES) {
                return CompletableFuture.failedStage(
                        new KarstException(KarstException.Code.LIMIT, "too much to tell"));
            }
        }
        if (!meeting.mute()) {
            byte[] copy = message.clone();
            FakeSide other = meeting.other(this);
            other.scope.executor().execute(() -> other.receive(copy));
        }
        return CompletableFuture.completedFuture(null);
    }

    /** As if the other side had sent it. */
    void receive(byte[] message) {
        Consumer<byte[]> to;
        synchronized (this) {
            to = told;
            if (to == null) {
                early.add(message);
                return;
            }
        }
        to.accept(message);
    }

    void told(Consumer<byte[]> to) {
        List<byte[]> first;
        synchronized (this) {
            if (told != null) {
                throw new IllegalStateException("once only");
            }
            told = to;
            first = List.copyOf(early);
            early.clear();
        }
        scope.executor().execute(() -> first.forEach(to));
    }
}
