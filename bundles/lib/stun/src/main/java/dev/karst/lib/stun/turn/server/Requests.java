// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.StunAttribute;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMethod;
import dev.karst.lib.stun.server.SourceLimiter;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers requests: who may ask at all, then what. */
final class Requests {
    private static final long SECOND = 1_000_000_000L;

    /** DONT-FRAGMENT is not among them: the JDK cannot set it, so it gets a 420. */
    private static final StunAttribute<?>[] KNOWN = {
        StunAttributes.USERNAME,
        StunAttributes.REALM,
        StunAttributes.NONCE,
        StunAttributes.PASSWORD_ALGORITHM,
        StunAttributes.MESSAGE_INTEGRITY,
        StunAttributes.MESSAGE_INTEGRITY_SHA256,
        StunAttributes.CHANNEL_NUMBER,
        StunAttributes.LIFETIME,
        StunAttributes.XOR_PEER_ADDRESS,
        StunAttributes.REQUESTED_ADDRESS_FAMILY,
        StunAttributes.EVEN_PORT,
        StunAttributes.REQUESTED_TRANSPORT,
        StunAttributes.RESERVATION_TOKEN,
        StunAttributes.CONNECTION_ID,
        StunAttributes.DATA,
    };

    private final TurnCore core;
    private final SourceLimiter refusals;
    private final Allocating allocating;

    Requests(TurnCore core) {
        this.core = core;
        this.refusals = new SourceLimiter(core.settings.refusals());
        this.allocating = new Allocating(core);
    }

    void handle(int end, TurnLink link, StunMessage m, long now) {
        if (m.has(StunAttributes.FINGERPRINT) && !m.fingerprint()) {
            core.counter.accept("turn.bad.fingerprint");
            return;
        }
        Authenticator.Outcome o = core.authenticator.check(m, link.client.getAddress(), now);
        if (o.proven().isEmpty()) {
            refuse(link, m, o.error(), now);
            return;
        }
        Asked q = new Asked(end, link, m, o.proven().get(), core.counter);
        List<Integer> unknown = m.unknown(KNOWN);
        if (!unknown.isEmpty()) {
            q.refuse(
                    m.reply(StunClass.ERROR)
                            .with(StunAttributes.ERROR_CODE, StunError.UNKNOWN_ATTRIBUTE)
                            .with(StunAttributes.UNKNOWN_ATTRIBUTES, unknown),
                    StunError.UNKNOWN_ATTRIBUTE);
            return;
        }
        dispatch(q, now);
    }

    /** To somebody unproven: short, and not often. */
    private void refuse(TurnLink link, StunMessage m, StunError error, long now) {
        if (!refusals.take(link.client.getAddress(), now)) {
            core.counter.accept("turn.limited");
            return;
        }
        core.counter.accept("turn.refused." + error.code());
        boolean ask = error == StunError.UNAUTHENTICATED || error == StunError.STALE_NONCE;
        byte[] out =
                ask
                        ? core.authenticator.challenge(m, error, link.client.getAddress(), now)
                        : m.reply(StunClass.ERROR)
                                .with(StunAttributes.ERROR_CODE, error)
                                .build()
                                .bytes();
        link.send(ByteBuffer.wrap(out));
    }

    private void dispatch(Asked q, long now) {
        int method = q.message().method();
        if (method == StunMethod.ALLOCATE) {
            allocating.allocate(q, now);
            return;
        }
        if (method == StunMethod.CONNECTION_BIND) {
            core.tcp.bind(q, now);
            return;
        }
        Allocation a = q.link().allocation;
        if (a == null) {
            boolean release = q.message().get(StunAttributes.LIFETIME).orElse(-1L) == 0;
            if (method == StunMethod.REFRESH && q.link().busy && release) {
                q.link().gone = true; // given back before it was there
            }
            q.refuse(StunError.ALLOCATION_MISMATCH);
        } else if (!a.user.equals(q.who().user())) {
            q.refuse(StunError.WRONG_CREDENTIALS);
        } else {
            switch (method) {
                case StunMethod.REFRESH -> refresh(q, a, now);
                case StunMethod.CREATE_PERMISSION -> permit(q, a, now);
                case StunMethod.CHANNEL_BIND -> bind(q, a, now);
                case StunMethod.CONNECT -> core.tcp.connect(q, a, now);
                default -> q.refuse(StunError.BAD_REQUEST);
            }
        }
    }

    /** What a client gets that asks for so much, in seconds. */
    static long lifetime(StunMessage m, TurnLimits limits) {
        long asked = m.get(StunAttributes.LIFETIME).orElse(0L);
        return Math.min(Math.max(asked, limits.lifetime()), limits.maxLifetime());
    }

    private void refresh(Asked q, Allocation a, long now) {
        Optional<Integer> family = q.message().get(StunAttributes.REQUESTED_ADDRESS_FAMILY);
        if (q.message().malformed(StunAttributes.LIFETIME)) {
            q.refuse(StunError.BAD_REQUEST);
            return;
        }
        boolean all = family.isEmpty();
        Optional<TurnRelay> one =
                a.relays.stream().filter(r -> all || r.four() == (family.get() == 1)).findFirst();
        if (one.isEmpty() || !all && family.get() != 1 && family.get() != 2) {
            q.refuse(StunError.FAMILY_MISMATCH);
            return;
        }
        boolean release = q.message().get(StunAttributes.LIFETIME).orElse(-1L) == 0;
        long seconds = release ? 0 : lifetime(q.message(), core.settings.limits());
        if (release && !all && a.relays.size() > 1) { // RFC 8656 section 8.2: the other one stays
            TurnRelay r = one.get();
            a.relays.remove(r);
            a.channels.remove(c -> c.relay == r);
            core.close(r);
        } else if (release) {
            core.end(a, "turn.ended.client");
        } else {
            a.expiresAt = now + seconds * SECOND;
        }
        q.send(q.success().with(StunAttributes.LIFETIME, seconds));
    }

    private void permit(Asked q, Allocation a, long now) {
        List<InetSocketAddress> peers = q.message().all(StunAttributes.XOR_PEER_ADDRESS);
        boolean malformed =
                peers.size()
                        < q.message().types().stream()
                                .filter(t -> t == StunAttributes.XOR_PEER_ADDRESS.type())
                                .count();
        if (peers.isEmpty() || malformed) {
            q.refuse(StunError.BAD_REQUEST);
            return;
        }
        List<TurnRelay.Permission> given = new ArrayList<>();
        for (InetSocketAddress peer : peers) {
            StunError problem = problem(a, peer);
            if (problem != null) {
                q.refuse(problem); // all or nothing: RFC 8656 section 10.2
                return;
            }
        }
        peers.forEach(p -> given.add(grant(a, p)));
        given.forEach(p -> p.expiresAt = now + TurnLimits.PERMISSION_SECONDS * SECOND);
        q.send(q.success());
    }

    /** Why that peer may not be permitted; null if it may. */
    private StunError problem(Allocation a, InetSocketAddress peer) {
        TurnRelay relay = a.relayFor(peer.getAddress());
        if (relay == null) {
            return StunError.FAMILY_MISMATCH;
        }
        PeerPolicy.Verdict v = core.settings.peers().judge(peer.getAddress());
        if (v == PeerPolicy.Verdict.DENIED) {
            core.counter.accept("turn.denied");
            return StunError.FORBIDDEN;
        }
        boolean known = relay.permissions.containsKey(peer.getAddress());
        return known || a.permissions() < core.settings.limits().peers()
                ? null
                : StunError.INSUFFICIENT_CAPACITY;
    }

    private TurnRelay.Permission grant(Allocation a, InetSocketAddress peer) {
        boolean socket =
                core.settings.peers().judge(peer.getAddress()) == PeerPolicy.Verdict.ALLOWED;
        return a.relayFor(peer.getAddress())
                .permissions
                .computeIfAbsent(peer.getAddress(), ip -> new TurnRelay.Permission(socket));
    }

    private void bind(Asked q, Allocation a, long now) {
        Optional<InetSocketAddress> peer = q.message().get(StunAttributes.XOR_PEER_ADDRESS);
        int number = q.message().get(StunAttributes.CHANNEL_NUMBER).orElse(0);
        if (a.tcp || peer.isEmpty() || number < Channel.FIRST || number > Channel.LAST) {
            q.refuse(StunError.BAD_REQUEST);
            return;
        }
        StunError problem = problem(a, peer.get());
        if (problem == null && core.settings.peers().isListener(peer.get())) {
            problem = StunError.FORBIDDEN;
        }
        if (problem != null) {
            q.refuse(problem);
            return;
        }
        TurnRelay relay = a.relayFor(peer.get().getAddress());
        a.tick(now); // an expired one does not stand in the way
        Channel c = a.channels.get(number);
        Channel other = relay.channels.get(peer.get());
        if (c != other || peer.get().getPort() == 0) {
            q.refuse(StunError.BAD_REQUEST); // one of both is bound otherwise
            return;
        }
        if (c == null) {
            if (a.channels.size() >= core.settings.limits().peers()) {
                q.refuse(StunError.INSUFFICIENT_CAPACITY);
                return;
            }
            PeerPolicy policy = core.settings.peers();
            c =
                    new Channel(
                            number,
                            peer.get(),
                            relay,
                            policy.isOwn(peer.get().getAddress()),
                            policy.reachable(peer.get()));
            a.channels.add(c);
            relay.channels.put(c.peer, c);
        }
        c.expiresAt = now + TurnLimits.CHANNEL_SECONDS * SECOND;
        grant(a, peer.get()).expiresAt = now + TurnLimits.PERMISSION_SECONDS * SECOND;
        q.send(q.success());
    }
}
