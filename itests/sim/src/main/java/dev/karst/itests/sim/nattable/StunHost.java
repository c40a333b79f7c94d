// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nattable;

import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import dev.karst.lib.stun.StunAttributes;
import dev.karst.lib.stun.StunClass;
import dev.karst.lib.stun.StunError;
import dev.karst.lib.stun.StunFramer;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.StunMessageBuilder;
import dev.karst.lib.stun.server.StunAnswer;
import dev.karst.lib.stun.server.StunEnds;
import dev.karst.lib.stun.server.StunLimits;
import dev.karst.lib.stun.server.StunResponder;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A STUN server in the simulated world, over UDP and TCP; honest or not. */
public final class StunHost {
    /** Where it listens. */
    public static final int PORT = 3478;

    private static final int OTHER_PORT = 3479;
    private static final StunLimits LIMITS = new StunLimits(1000, 2000, 100_000, 1000);

    private final SimHost host;
    private final Manner manner;
    private final InetSocketAddress thirdParty;
    private final StunResponder responder;
    private final List<UdpSocket> ends = new ArrayList<>();
    private final RandomGenerator random;

    /**
     * Starts.
     *
     * @param host with one address, or two for all of RFC 5780
     * @param thirdParty whom a bad server abuses
     */
    public StunHost(SimHost host, Manner manner, InetSocketAddress thirdParty) {
        this.host = host;
        this.manner = manner;
        this.thirdParty = thirdParty;
        SimWorld world = host.world();
        random = world.random("stun " + host.name());
        List<InetSocketAddress> at = new ArrayList<>();
        for (InetAddress a : host.addresses()) {
            at.add(new InetSocketAddress(a, PORT));
            if (host.addresses().size() > 1) {
                at.add(new InetSocketAddress(a, OTHER_PORT));
            }
        }
        responder = new StunResponder(new StunEnds(at), LIMITS, c -> {});
        if (manner != Manner.DEAD) {
            Network network = host.network();
            for (int i = 0; i < at.size(); i++) {
                listen(network, i, at.get(i));
            }
        }
    }

    public SimHost host() {
        return host;
    }

    /** Where to ask. */
    public String name() {
        return host.addresses().get(0).getHostAddress();
    }

    private void listen(Network network, int end, InetSocketAddress at) {
        ends.add(null);
        network.bindUdp(at)
                .thenAccept(
                        socket -> {
                            ends.set(end, socket);
                            socket.start((from, bytes) -> udp(end, from, bytes));
                        });
        network.listenTcp(at, socket -> socket.start(new Connection(end, socket)));
    }

    // ---- UDP

    private void udp(int end, InetSocketAddress from, ByteBuffer bytes) {
        Optional<StunMessage> asked = StunMessage.decode(bytes.duplicate()).message();
        boolean change = asked.filter(m -> m.has(StunAttributes.CHANGE_REQUEST)).isPresent();
        if (change && manner == Manner.MUTE_CHANGE) {
            return;
        }
        Optional<StunAnswer> answer = responder.udp(end, from, bytes, host.world().nanoTime());
        answer.ifPresent(
                a -> send(change && manner == Manner.PRETENDS ? end : a.end(), a.to(), a.bytes()));
    }

    private void send(int end, InetSocketAddress to, byte[] right) {
        byte[] bytes = twist(right, to);
        if (manner == Manner.FLOOD) {
            for (int i = 0; i < 100; i++) {
                byte[] noise = new byte[random.nextInt(1, 200)];
                random.nextBytes(noise);
                ends.get(end).send(to, ByteBuffer.wrap(i % 2 == 0 ? bytes : noise));
            }
        }
        if (manner == Manner.FORGED_SOURCE) {
            StunMessage wrong = mapped(right, new InetSocketAddress(thirdParty.getAddress(), 9));
            ends.get(end ^ (ends.size() > 1 ? 1 : 0)).send(to, ByteBuffer.wrap(wrong.bytes()));
        }
        ends.get(end).send(to, ByteBuffer.wrap(bytes));
    }

    private byte[] twist(byte[] right, InetSocketAddress to) {
        int port = random.nextInt(1024, 65536);
        return switch (manner) {
            case WRONG_ADDRESS -> mapped(right, new InetSocketAddress(ip(77), 7777)).bytes();
            case RANDOM_ADDRESS ->
                    mapped(right, new InetSocketAddress(ip(random.nextInt(1, 255)), port)).bytes();
            case RANDOM_PORT -> mapped(right, new InetSocketAddress(to.getAddress(), port)).bytes();
            case THIRD_PARTY -> other(right, thirdParty);
            case YOURSELF -> other(right, new InetSocketAddress(to.getAddress(), OTHER_PORT));
            case GIANT -> padded(right);
            case TRUNCATED -> Arrays.copyOf(right, random.nextInt(1, right.length));
            case WRONG_ID -> otherId(right);
            case ERROR -> error(right);
            default -> right;
        };
    }

    private InetAddress ip(int last) {
        byte[] b = thirdParty.getAddress().getAddress();
        b[b.length - 1] = (byte) last;
        try {
            return InetAddress.getByAddress(b);
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    private static StunMessage read(byte[] bytes) {
        return StunMessage.decode(ByteBuffer.wrap(bytes)).message().orElseThrow();
    }

    private static StunMessage mapped(byte[] right, InetSocketAddress seen) {
        StunMessage m = read(right);
        StunMessageBuilder b =
                m.reply(m.kind())
                        .with(StunAttributes.XOR_MAPPED_ADDRESS, seen)
                        .with(StunAttributes.MAPPED_ADDRESS, seen);
        m.get(StunAttributes.OTHER_ADDRESS).ifPresent(a -> b.with(StunAttributes.OTHER_ADDRESS, a));
        return b.build();
    }

    private static byte[] other(byte[] right, InetSocketAddress other) {
        StunMessage m = read(right);
        StunMessageBuilder b = m.reply(m.kind());
        m.get(StunAttributes.XOR_MAPPED_ADDRESS)
                .ifPresent(a -> b.with(StunAttributes.XOR_MAPPED_ADDRESS, a));
        return b.with(StunAttributes.OTHER_ADDRESS, other).build().bytes();
    }

    private static byte[] padded(byte[] right) {
        StunMessage m = read(right);
        return m.reply(m.kind())
                .with(
                        StunAttributes.XOR_MAPPED_ADDRESS,
                        m.get(StunAttributes.XOR_MAPPED_ADDRESS).orElseThrow())
                .with(StunAttributes.PADDING, new byte[40_000])
                .build()
                .bytes();
    }

    private byte[] otherId(byte[] right) {
        byte[] out = right.clone();
        random.nextBytes(out);
        System.arraycopy(right, 0, out, 0, 8);
        System.arraycopy(right, 20, out, 20, right.length - 20);
        return out;
    }

    private static byte[] error(byte[] right) {
        return read(right)
                .reply(StunClass.ERROR)
                .with(StunAttributes.ERROR_CODE, StunError.SERVER_ERROR)
                .build()
                .bytes();
    }

    // ---- TCP

    private final class Connection implements TcpHandler {
        private final int end;
        private final TcpSocket socket;
        private final StunFramer framer = new StunFramer(2048, false);

        Connection(int end, TcpSocket socket) {
            this.end = end;
            this.socket = socket;
        }

        @Override
        public void bytes(ByteBuffer bytes) {
            for (byte[] each : framer.feed(bytes)) {
                responder
                        .tcp(end, socket.remote(), ByteBuffer.wrap(each), host.world().nanoTime())
                        .ifPresent(
                                a ->
                                        socket.write(
                                                ByteBuffer.wrap(
                                                        twist(a.bytes(), socket.remote()))));
            }
        }

        @Override
        public void finished() {
            socket.close();
        }

        @Override
        public void closed(Optional<Throwable> why) {}
    }
}
