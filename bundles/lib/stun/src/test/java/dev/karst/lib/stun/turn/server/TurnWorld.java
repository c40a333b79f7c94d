// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.stun.turn.server;

import dev.karst.lib.stun.PasswordAlgorithm;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunKeys;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.server.StunLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A server in memory, at 203.0.113.1 and 2001:db8::1, and clients that ask it by hand. */
final class TurnWorld implements TurnIo {
    static final long SECOND = 1_000_000_000L;
    static final String REALM = "lab.test";
    static final TurnLimits LIMITS = new TurnLimits(600, 3600, 600, 50, 10, 16, 0);

    final TurnCore core;
    final Map<String, Integer> counts = new HashMap<>();
    final Set<Port> open = new HashSet<>();
    final List<Sent> toPeers = new ArrayList<>();
    final List<Sent> toClients = new ArrayList<>();
    final Random random = new Random(7);
    long now;
    long epoch = 1_000_000;
    boolean six = true;

    /** Sockets are opened when {@link #opening} is run. */
    boolean slow;

    final List<Runnable> opening = new ArrayList<>();
    int free = Integer.MAX_VALUE;
    private int nextPort = 50_000;

    /** A datagram and where it goes. */
    record Sent(InetSocketAddress from, InetSocketAddress to, byte[] bytes) {
        StunMessage message() {
            return StunMessage.decode(ByteBuffer.wrap(bytes)).message().orElseThrow();
        }
    }

    /** A relayed socket. */
    final class Port extends RelayPort {
        final InetSocketAddress at;

        Port(InetSocketAddress at) {
            this.at = at;
            open.add(this);
        }

        @Override
        protected InetSocketAddress address() {
            return at;
        }

        @Override
        protected void send(InetSocketAddress peer, ByteBuffer datagram) {
            toPeers.add(new Sent(at, peer, bytes(datagram)));
        }

        @Override
        protected void close() {
            open.remove(this);
        }
    }

    TurnWorld() {
        this(LIMITS, TurnSettings.REFUSALS, List.of());
    }

    TurnWorld(TurnLimits limits, StunLimits refusals, List<IpRange> allow) {
        TurnUsers users =
                new TurnUsers(Map.of("u", "p", "v", "w"), Optional.of("north"), Set.of("mallory"));
        PeerPolicy policy =
                new PeerPolicy(
                        allow,
                        List.of(),
                        Set.of(ip("203.0.113.1"), ip("2001:db8::1")),
                        Set.of(3478));
        core =
                new TurnCore(
                        new TurnSettings(REALM, users, limits, refusals, policy, true),
                        this,
                        1,
                        new SecureRandom(),
                        () -> epoch,
                        now,
                        n -> counts.merge(n, 1, Integer::sum));
    }

    static InetAddress ip(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static InetSocketAddress at(String ip, int port) {
        return new InetSocketAddress(ip(ip), port);
    }

    static byte[] bytes(ByteBuffer b) {
        byte[] out = new byte[b.remaining()];
        b.get(out);
        return out;
    }

    @Override
    public TurnLink link(int end, InetSocketAddress client) {
        return new TurnLink(client, false) {
            @Override
            protected void send(ByteBuffer out) {
                toClients.add(new Sent(at("203.0.113.1", 3478), client, bytes(out)));
            }
        };
    }

    @Override
    public boolean serves(boolean four) {
        return four || six;
    }

    @Override
    public void open(boolean four, Wish wish, Consumer<List<RelayPort>> done) {
        if (free-- <= 0) {
            done.accept(List.of());
            return;
        }
        nextPort += wish == Wish.ANY ? 1 : nextPort & 1;
        String own = four ? "203.0.113.1" : "2001:db8::1";
        List<RelayPort> out = new ArrayList<>(List.of(new Port(at(own, nextPort++))));
        if (wish == Wish.PAIR) {
            out.add(new Port(at(own, nextPort++)));
        }
        if (slow) {
            opening.add(() -> done.accept(out));
        } else {
            done.accept(out);
        }
    }

    /** A client's socket and credential. */
    final class Asker {
        final InetSocketAddress at;
        String user = "u";
        String password = "p";
        Optional<PasswordAlgorithm> algorithm = Optional.of(PasswordAlgorithm.SHA256);
        String nonce;
        List<PasswordAlgorithm> offered;

        Asker(InetSocketAddress at) {
            this.at = at;
        }

        StunMessageBuilder request(int method) {
            byte[] id = new byte[12];
            random.nextBytes(id);
            return StunMessage.builder(StunClass.REQUEST, method, id);
        }

        void send(byte[] bytes) {
            ByteBuffer b = ByteBuffer.allocate(TurnCore.HEADROOM + bytes.length + 4);
            b.position(TurnCore.HEADROOM);
            b.put(bytes).flip().position(TurnCore.HEADROOM);
            core.datagram(0, at, b, now);
        }

        /** Its answer. */
        Optional<StunMessage> exchange(StunMessage m) {
            int before = toClients.size();
            send(m.bytes());
            return toClients.size() == before
                    ? Optional.empty()
                    : Optional.of(toClients.get(toClients.size() - 1).message());
        }

        void challenge() {
            StunMessage m = exchange(request(3).build()).orElseThrow();
            nonce = m.get(StunAttributes.NONCE).orElseThrow();
            offered = m.get(StunAttributes.PASSWORD_ALGORITHMS).orElseThrow();
        }

        StunMessage sealed(StunMessageBuilder b) {
            b.with(StunAttributes.USERNAME, user)
                    .with(StunAttributes.REALM, REALM)
                    .with(StunAttributes.NONCE, nonce);
            algorithm.ifPresent(
                    a ->
                            b.with(StunAttributes.PASSWORD_ALGORITHMS, offered)
                                    .with(StunAttributes.PASSWORD_ALGORITHM, a));
            byte[] key =
                    StunKeys.longTerm(
                            user, REALM, password, algorithm.orElse(PasswordAlgorithm.MD5));
            return (algorithm.isPresent() ? b.integritySha256(key) : b.integrity(key)).build();
        }

        StunMessage ask(int method, UnaryOperator<StunMessageBuilder> with) {
            if (nonce == null) {
                challenge();
            }
            return exchange(sealed(with.apply(request(method)))).orElseThrow();
        }

        StunMessage allocate() {
            return ask(3, b -> b.with(StunAttributes.REQUESTED_TRANSPORT, 17));
        }

        /** The relayed address. */
        InetSocketAddress allocated() {
            return allocate().get(StunAttributes.XOR_RELAYED_ADDRESS).orElseThrow();
        }

        StunMessage permit(InetSocketAddress... peers) {
            return ask(
                    8,
                    b -> {
                        for (InetSocketAddress p : peers) {
                            b.with(StunAttributes.XOR_PEER_ADDRESS, p);
                        }
                        return b;
                    });
        }

        StunMessage bind(int channel, InetSocketAddress peer) {
            return ask(
                    9,
                    b ->
                            b.with(StunAttributes.CHANNEL_NUMBER, channel)
                                    .with(StunAttributes.XOR_PEER_ADDRESS, peer));
        }

        void channelData(int channel, byte[] data) {
            send(
                    ByteBuffer.allocate(4 + data.length)
                            .putShort((short) channel)
                            .putShort((short) data.length)
                            .put(data)
                            .array());
        }

        void indicate(InetSocketAddress peer, byte[] data) {
            send(
                    StunMessage.builder(StunClass.INDICATION, 6, new byte[12])
                            .with(StunAttributes.XOR_PEER_ADDRESS, peer)
                            .with(StunAttributes.DATA, data)
                            .build()
                            .bytes());
        }
    }

    Asker asker(int port) {
        return new Asker(at("198.51.100.7", port));
    }

    /** A datagram to a relayed address. */
    void fromPeer(InetSocketAddress from, InetSocketAddress relayed, byte[] data) {
        ByteBuffer b = ByteBuffer.allocate(TurnCore.HEADROOM + data.length + 4);
        b.position(TurnCore.HEADROOM);
        b.put(data).flip().position(TurnCore.HEADROOM);
        List.copyOf(open).stream()
                .filter(p -> p.at.equals(relayed))
                .forEach(p -> core.peer(p, from, b, now));
    }

    void pass(long seconds) {
        for (long i = 0; i < seconds; i++) {
            now += SECOND;
            core.tick(now);
        }
    }

    static int code(StunMessage m) {
        return m.get(StunAttributes.ERROR_CODE).map(StunError::code).orElse(0);
    }

    static boolean success(StunMessage m) {
        return m.kind() == StunClass.SUCCESS;
    }

    int count(String name) {
        return counts.getOrDefault(name, 0);
    }
}
