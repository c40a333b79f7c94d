// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.matrix;

import dev.karst.itests.sim.SimHost;
import dev.karst.lib.stun.StunFramer;
import dev.karst.lib.stun.StunMessage;
import dev.karst.lib.stun.turn.server.PeerPolicy;
import dev.karst.lib.stun.turn.server.RelayPort;
import dev.karst.lib.stun.turn.server.TurnCore;
import dev.karst.lib.stun.turn.server.TurnIo;
import dev.karst.lib.stun.turn.server.TurnLimits;
import dev.karst.lib.stun.turn.server.TurnLink;
import dev.karst.lib.stun.turn.server.TurnSettings;
import dev.karst.lib.stun.turn.server.TurnUsers;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The TURN server that ships, its sockets in the simulated world; UDP and TCP, IPv4 only. */
public final class TurnHost implements TurnIo {
    public static final String USER = "matrix";
    public static final String PASSWORD = "simulated";
    private static final int PORT = 3478;
    private static final Duration TICK = Duration.ofSeconds(1);

    private final SimHost host;
    private final InetAddress address;
    private final TurnCore core;
    private UdpSocket udp;

    public TurnHost(SimHost host) {
        this.host = host;
        this.address = host.addresses().get(0);
        TurnSettings settings =
                new TurnSettings(
                        "sim",
                        new TurnUsers(Map.of(USER, PASSWORD), Optional.empty(), Set.of()),
                        TurnLimits.DEFAULT,
                        TurnSettings.REFUSALS,
                        new PeerPolicy(List.of(), List.of(), Set.of(address), Set.of(PORT)),
                        false);
        core =
                new TurnCore(
                        settings,
                        this,
                        2,
                        host.secureRandom(),
                        () -> host.clock().millis() / 1000,
                        now(),
                        host::count);
        host.network()
                .bindUdp(new InetSocketAddress(address, PORT))
                .thenAccept(
                        s -> {
                            udp = s;
                            s.start((from, in) -> core.datagram(0, from, roomy(in), now()));
                        });
        host.network()
                .listenTcp(
                        new InetSocketAddress(address, PORT),
                        s -> s.start(new Client(new StreamLink(s))));
        tick();
    }

    private void tick() {
        host.after(
                TICK,
                () -> {
                    core.tick(now());
                    tick();
                });
    }

    public String url() {
        return "turn:" + address.getHostAddress() + ":" + PORT;
    }

    private long now() {
        return host.world().nanoTime();
    }

    /** A copy, with room for headers in front and padding behind. */
    private static ByteBuffer roomy(ByteBuffer in) {
        int n = in.remaining();
        ByteBuffer out = ByteBuffer.allocate(TurnCore.HEADROOM + n + 4);
        out.position(TurnCore.HEADROOM).put(in).flip().position(TurnCore.HEADROOM);
        return out;
    }

    @Override
    public TurnLink link(int end, InetSocketAddress client) {
        return new TurnLink(client, false) {
            @Override
            protected void send(ByteBuffer out) {
                udp.send(client, out);
            }
        };
    }

    @Override
    public boolean serves(boolean four) {
        return four;
    }

    @Override
    public void open(boolean four, Wish wish, Consumer<List<RelayPort>> done) {
        if (wish != Wish.ANY) {
            done.accept(List.of());
            return;
        }
        host.network()
                .bindUdp(host.at(0))
                .whenComplete((s, e) -> done.accept(e == null ? List.of(new Port(s)) : List.of()));
    }

    /** A relayed address. */
    private final class Port extends RelayPort {
        private final UdpSocket socket;

        Port(UdpSocket socket) {
            this.socket = socket;
            socket.start((from, in) -> core.peer(this, from, roomy(in), now()));
        }

        @Override
        protected InetSocketAddress address() {
            return socket.local();
        }

        @Override
        protected void send(InetSocketAddress peer, ByteBuffer datagram) {
            socket.send(peer, datagram);
        }

        @Override
        protected void close() {
            socket.close();
        }
    }

    private static final class StreamLink extends TurnLink {
        private final TcpSocket socket;

        StreamLink(TcpSocket socket) {
            super(socket.remote(), true);
            this.socket = socket;
        }

        @Override
        protected void send(ByteBuffer out) {
            socket.write(out);
        }
    }

    private final class Client implements TcpHandler {
        private final StreamLink link;
        private final StunFramer framer = new StunFramer(StunMessage.MAX_LENGTH, true);

        Client(StreamLink link) {
            this.link = link;
        }

        @Override
        public void bytes(ByteBuffer bytes) {
            for (byte[] message : framer.feed(bytes)) {
                core.frame(1, link, ByteBuffer.wrap(message), now());
            }
            if (framer.problem().isPresent()) {
                link.socket.close();
            }
        }

        @Override
        public void finished() {
            link.socket.close();
        }

        @Override
        public void closed(Optional<Throwable> why) {
            core.gone(link);
        }
    }
}
