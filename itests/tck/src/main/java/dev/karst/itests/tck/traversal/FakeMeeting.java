// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import dev.karst.spi.Scope;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiPredicate;

/**
 * Both sides of one attempt on this machine: messages between them, UDP sockets of the loopback
 * interface, addresses at a relay. A path is proven when both sides prove it.
 */
public final class FakeMeeting {
    private record Proving(FakeSide side, FakePath path, CompletableFuture<Path> result) {}

    private final List<Proving> proving = new ArrayList<>(); // guarded by this
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final FakeSide initiator;
    private final FakeSide responder;
    private volatile BiPredicate<InetSocketAddress, InetSocketAddress> drops = (from, to) -> false;
    private volatile boolean relays;
    private volatile boolean mute;

    FakeMeeting(Scope initiator, Scope responder) {
        this.initiator = new FakeSide(this, initiator, true);
        this.responder = new FakeSide(this, responder, false);
    }

    /** What is dropped on its way, by sender and receiver. */
    public FakeMeeting dropping(BiPredicate<InetSocketAddress, InetSocketAddress> which) {
        drops = which;
        return this;
    }

    /** Nothing passes between the shared sockets. */
    public FakeMeeting blocked() {
        return dropping(
                (from, to) ->
                        !initiator.isRelay(from)
                                && !responder.isRelay(from)
                                && !initiator.isRelay(to)
                                && !responder.isRelay(to));
    }

    /** There are relays to be had. */
    public FakeMeeting withRelays() {
        relays = true;
        return this;
    }

    /** Messages get lost. */
    public FakeMeeting withoutSignaling() {
        mute = true;
        return this;
    }

    /** Sets what is known of the NATs; nothing is at first. */
    public FakeMeeting between(NatProfile a, NatProfile b) {
        initiator.attempt().nat(a, b);
        responder.attempt().nat(b, a);
        return this;
    }

    /** Opens the shared sockets and tells each side the other's. */
    public FakeMeeting open() {
        initiator.open();
        responder.open();
        initiator.candidates().forEach(responder.attempt()::place);
        responder.candidates().forEach(initiator.attempt()::place);
        return this;
    }

    public FakeAttempt initiator() {
        return initiator.attempt();
    }

    public FakeAttempt responder() {
        return responder.attempt();
    }

    boolean passes(InetSocketAddress from, InetSocketAddress to) {
        return !drops.test(from, to);
    }

    void violated(String what) {
        violations.add(what);
    }

    /** What a strategy did that it must not. */
    public List<String> violations() {
        return List.copyOf(violations);
    }

    boolean relays() {
        return relays;
    }

    boolean mute() {
        return mute;
    }

    FakeSide other(FakeSide side) {
        return side == initiator ? responder : initiator;
    }

    CompletionStage<Path> prove(FakeSide side, FakePath path) {
        Proving mine = new Proving(side, path, new CompletableFuture<>());
        Proving match = null;
        synchronized (this) {
            for (Proving p : proving) {
                if (p.side != side
                        && p.path.local().port() == path.remote().port()
                        && p.path.remote().port() == path.local().port()) {
                    match = p;
                }
            }
            proving.add(mine);
        }
        if (match != null) {
            match.result.complete(match.path);
            mine.result.complete(path);
        }
        return mine.result;
    }

    static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
