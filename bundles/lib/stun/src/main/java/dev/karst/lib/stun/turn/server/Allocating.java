// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.AddressError;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Allocate request, RFC 8656 section 7.2 and RFC 6062 section 5.1. */
final class Allocating {
    private static final int UDP = 17;
    private static final int TCP = 6;
    private static final long SECOND = 1_000_000_000L;

    private final TurnCore core;

    /** What is wanted, checked. */
    private record Wanted(
            boolean four, Optional<Boolean> also, TurnIo.Wish wish, Optional<RelayPort> reserved) {}

    Allocating(TurnCore core) {
        this.core = core;
    }

    void allocate(Asked q, long now) {
        Allocation old = q.link().allocation;
        if (old != null) {
            if (q.again(old)) { // the answer was lost
                q.link().send(ByteBuffer.wrap(old.answer));
            } else if (!old.user.equals(q.who().user())) {
                q.refuse(StunError.WRONG_CREDENTIALS);
            } else {
                q.refuse(StunError.ALLOCATION_MISMATCH);
            }
            return;
        }
        if (q.link().busy || q.link().gone) {
            return; // the first one will be answered
        }
        StunError problem = problem(q);
        if (problem == null && core.ledger.quotaReached(q.who().user())) {
            problem = StunError.QUOTA_REACHED;
        }
        if (problem == null && core.ledger.full()) {
            problem = StunError.INSUFFICIENT_CAPACITY;
        }
        if (problem != null) {
            q.refuse(problem);
            return;
        }
        wanted(q, now).ifPresentOrElse(w -> open(q, w, now), () -> {});
    }

    private StunError problem(Asked q) {
        StunMessage m = q.message();
        Optional<Integer> transport = m.get(StunAttributes.REQUESTED_TRANSPORT);
        boolean token = m.has(StunAttributes.RESERVATION_TOKEN);
        boolean even = m.has(StunAttributes.EVEN_PORT);
        boolean family = m.has(StunAttributes.REQUESTED_ADDRESS_FAMILY);
        boolean also = m.has(StunAttributes.ADDITIONAL_ADDRESS_FAMILY);
        if (transport.isEmpty()
                || m.malformed(StunAttributes.RESERVATION_TOKEN)
                || m.malformed(StunAttributes.EVEN_PORT)
                || m.malformed(StunAttributes.LIFETIME)
                || m.malformed(StunAttributes.REQUESTED_ADDRESS_FAMILY)
                || token && (even || family || also)
                || family && also) {
            return StunError.BAD_REQUEST;
        }
        if (transport.get() == TCP && core.settings.tcp()) {
            return q.link().stream && !token && !even ? null : StunError.BAD_REQUEST;
        }
        if (transport.get() != UDP) {
            return StunError.TRANSPORT_NOT_SUPPORTED;
        }
        if (also
                && (!m.get(StunAttributes.ADDITIONAL_ADDRESS_FAMILY).equals(Optional.of(2))
                        || m.get(StunAttributes.EVEN_PORT).orElse(false))) {
            return StunError.BAD_REQUEST;
        }
        return null;
    }

    /** Nothing if it was refused. */
    private Optional<Wanted> wanted(Asked q, long now) {
        StunMessage m = q.message();
        Optional<Integer> family = m.get(StunAttributes.REQUESTED_ADDRESS_FAMILY);
        boolean four = family.orElse(1) == 1;
        if (four ? !core.io.serves(true) : family.get() != 2 || !core.io.serves(false)) {
            q.refuse(StunError.FAMILY_NOT_SUPPORTED);
            return Optional.empty();
        }
        TurnIo.Wish wish = TurnIo.Wish.ANY;
        if (m.has(StunAttributes.EVEN_PORT)) {
            boolean pair = m.get(StunAttributes.EVEN_PORT).orElse(false);
            wish = pair ? TurnIo.Wish.PAIR : TurnIo.Wish.EVEN;
        } else if (m.get(StunAttributes.REQUESTED_TRANSPORT).orElseThrow() == TCP) {
            wish = TurnIo.Wish.TCP;
        }
        Optional<byte[]> token = m.get(StunAttributes.RESERVATION_TOKEN);
        Optional<RelayPort> reserved = token.map(t -> core.ledger.claim(t, q.who().user(), now));
        if (token.isPresent() && reserved.isEmpty()) {
            q.refuse(StunError.INSUFFICIENT_CAPACITY);
            return Optional.empty();
        }
        Optional<Boolean> also =
                m.has(StunAttributes.ADDITIONAL_ADDRESS_FAMILY)
                        ? Optional.of(core.io.serves(false))
                        : Optional.empty();
        return Optional.of(new Wanted(four, also, wish, reserved));
    }

    private void open(Asked q, Wanted w, long now) {
        if (w.reserved().isPresent()) {
            give(q, w, List.of(w.reserved().get()), List.of(), now);
            return;
        }
        core.busy(q.end(), q.link(), true);
        core.ledger.count(q.who().user(), 1); // else a flood passes the quota meanwhile
        core.io.open(
                w.four(),
                w.wish(),
                first -> {
                    if (w.also().orElse(false)) {
                        core.io.open(
                                false, TurnIo.Wish.ANY, second -> opened(q, w, first, second, now));
                    } else {
                        opened(q, w, first, List.of(), now);
                    }
                });
    }

    private void opened(
            Asked q, Wanted w, List<RelayPort> first, List<RelayPort> second, long now) {
        core.busy(q.end(), q.link(), false);
        core.ledger.count(q.who().user(), -1);
        if (q.link().gone) {
            first.forEach(RelayPort::close);
            second.forEach(RelayPort::close);
        } else if (first.isEmpty()) {
            second.forEach(RelayPort::close);
            q.refuse(StunError.INSUFFICIENT_CAPACITY);
        } else {
            give(q, w, first, second, now);
        }
    }

    private void give(Asked q, Wanted w, List<RelayPort> first, List<RelayPort> second, long now) {
        long seconds = Requests.lifetime(q.message(), core.settings.limits());
        Allocation a =
                new Allocation(
                        q.link(),
                        q.end(),
                        q.who().user(),
                        w.wish() == TurnIo.Wish.TCP,
                        core.settings.limits().bytesPerSecond(),
                        now);
        List<RelayPort> ports = new ArrayList<>(first.subList(0, 1));
        ports.addAll(second);
        ports.forEach(p -> a.relays.add(new TurnRelay(a, p)));
        a.expiresAt = now + seconds * SECOND;
        a.transaction = q.message().transactionId();
        core.begin(a);
        StunMessageBuilder b = q.success();
        a.relays.forEach(r -> b.with(StunAttributes.XOR_RELAYED_ADDRESS, r.address));
        b.with(StunAttributes.LIFETIME, seconds);
        if (first.size() > 1) {
            byte[] token = new byte[8];
            core.random.nextBytes(token);
            core.ledger.reserve(token, first.get(1), q.who().user(), now);
            b.with(StunAttributes.RESERVATION_TOKEN, token);
        }
        if (w.also().isPresent() && second.isEmpty()) {
            StunError why =
                    w.also().get()
                            ? StunError.INSUFFICIENT_CAPACITY
                            : StunError.FAMILY_NOT_SUPPORTED;
            b.with(StunAttributes.ADDRESS_ERROR_CODE, new AddressError(2, why));
        }
        b.with(StunAttributes.XOR_MAPPED_ADDRESS, q.link().client);
        a.answer = q.send(b);
    }
}
