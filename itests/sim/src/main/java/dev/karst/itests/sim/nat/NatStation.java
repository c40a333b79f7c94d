// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.Packet;
import dev.karst.itests.sim.Realm;
import dev.karst.itests.sim.SimWorld;
import dev.karst.itests.sim.Station;
import dev.karst.itests.sim.nat.NatPacket.Kind;
import dev.karst.itests.sim.nat.NatVerdict.Answer;
import dev.karst.itests.sim.nat.NatVerdict.Forward;
import dev.karst.itests.sim.nat.NatVerdict.Reject;
import dev.karst.itests.sim.nat.NatVerdict.Side;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A {@link NatBox} between two realms of the simulated world, with a second one for IPv6 where
 * there is IPv6. IPv6 is routed to the Internet directly, whatever carrier is between for IPv4.
 */
public final class NatStation {
    private final SimWorld world;
    private final String name;
    private final Realm inside;
    private final Realm outside;
    private final InetAddress router;
    private final NatBox box;
    private final NatBox box6;
    private final Station lan = new Face(Side.INSIDE);
    private final Station wan = new Face(Side.OUTSIDE);

    /**
     * A box that is the gateway of {@code inside} and has one address in {@code outside}.
     *
     * @param router its address inside
     * @param policy6 what is done with IPv6; null = there is none
     */
    public NatStation(
            SimWorld world,
            String name,
            Realm inside,
            InetAddress router,
            Realm outside,
            InetAddress address,
            NatPolicy policy,
            NatPolicy policy6) {
        this.world = world;
        this.name = name;
        this.inside = inside;
        this.router = router;
        this.outside = outside;
        this.box =
                new NatBox(policy, address, world.random("nat " + name), s -> world.trace(name, s));
        this.box6 =
                policy6 == null
                        ? null
                        : new NatBox(
                                policy6,
                                router,
                                world.random("nat6 " + name),
                                s -> world.trace(name, s));
        outside.attach(address, wan);
    }

    private final class Face implements Station {
        private final Side side;

        Face(Side side) {
            this.side = side;
        }

        @Override
        public String name() {
            return name + (side == Side.INSIDE ? "/lan" : "/wan");
        }

        @Override
        public void receive(Packet packet) {
            pass(side, packet);
        }
    }

    public String name() {
        return name;
    }

    /** What its inside sees of it. */
    public Station lan() {
        return lan;
    }

    /** What its outside sees of it. */
    public Station wan() {
        return wan;
    }

    /** For IPv4. */
    public NatBox box() {
        return box;
    }

    /** For IPv6. */
    public Optional<NatBox> box6() {
        return Optional.ofNullable(box6);
    }

    public InetAddress address() {
        return box.outside();
    }

    /** All state is lost. */
    public void reboot() {
        box.reboot();
        box6().ifPresent(NatBox::reboot);
    }

    /** Gets another address outside; the old one is nobody's. */
    public void renumber(InetAddress address) {
        outside.detach(box.outside(), wan);
        box.renumber(address);
        outside.attach(address, wan);
    }

    // ---- packets

    private void pass(Side from, Packet p) {
        boolean four = p.to().getAddress() instanceof Inet4Address;
        NatBox b = four ? box : box6;
        if (b == null) {
            world.trace(name, "no IPv6 " + p);
            return;
        }
        NatPacket seen = seen(p);
        NatVerdict v =
                from == Side.INSIDE
                        ? b.outbound(world.nanoTime(), seen)
                        : b.inbound(world.nanoTime(), seen);
        if (v instanceof Forward f) {
            send(f.side(), four, rewritten(p, f, four));
        } else if (v instanceof Reject r) {
            send(from, four, answer(p, r.answer(), from, four));
        }
    }

    private void send(Side side, boolean four, Packet p) {
        if (side == Side.INSIDE) {
            inside.send(lan, p);
        } else {
            (four ? outside : world.internet()).send(wan, p);
        }
    }

    private static NatPacket seen(Packet p) {
        if (p.body() instanceof Packet.IcmpError e) {
            return seen(e.about()).error();
        }
        if (!(p.body() instanceof Packet.Segment s)) {
            return NatPacket.udp(p.from(), p.to());
        }
        Kind kind =
                switch (s.kind()) {
                    case SYN -> Kind.SYN;
                    case SYN_ACK -> Kind.SYN_ACK;
                    case FIN -> Kind.FIN;
                    case RST -> Kind.RST;
                    case ACK, DATA, PROBE -> Kind.DATA;
                };
        return NatPacket.tcp(kind, p.from(), p.to());
    }

    private Packet rewritten(Packet p, Forward f, boolean four) {
        if (!(p.body() instanceof Packet.IcmpError e)) {
            return p.withFrom(f.source()).withTo(f.destination());
        }
        Packet quoted = e.about().withFrom(f.source()).withTo(f.destination());
        boolean hides = four && f.side() == Side.OUTSIDE && !box.policy().udp().open();
        InetSocketAddress by = hides ? new InetSocketAddress(box.outside(), 0) : p.from();
        return new Packet(by, f.source(), p.flow(), new Packet.IcmpError(e.why(), quoted));
    }

    private Packet answer(Packet p, Answer answer, Side side, boolean four) {
        if (answer == Answer.TCP_RST) {
            Packet.Segment rst = ((Packet.Segment) p.body()).refusal();
            return new Packet(p.to(), p.from(), p.flow(), rst);
        }
        InetAddress by = side == Side.OUTSIDE && four ? box.outside() : router;
        Packet.Unreachable why =
                answer == Answer.ICMP_PORT_UNREACHABLE
                        ? Packet.Unreachable.PORT
                        : Packet.Unreachable.ADMIN_PROHIBITED;
        return new Packet(
                new InetSocketAddress(by, 0), p.from(), p.flow(), new Packet.IcmpError(why, p));
    }
}
