// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.nat.NatPacket.Kind;
import dev.karst.itests.sim.nat.NatPacket.Protocol;
import dev.karst.itests.sim.nat.NatVerdict.Answer;
import dev.karst.itests.sim.nat.NatVerdict.Drop;
import dev.karst.itests.sim.nat.NatVerdict.Forward;
import dev.karst.itests.sim.nat.NatVerdict.Reason;
import dev.karst.itests.sim.nat.NatVerdict.Reject;
import dev.karst.itests.sim.nat.NatVerdict.Side;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A NAT or firewall as a state machine: a packet and the time go in, a verdict comes out. It knows
 * no world, socket or thread; whoever owns it rewrites and sends the packets. One thread at a time.
 */
public final class NatBox {
    private final NatPolicy policy;
    private final RandomGenerator random;
    private final Consumer<String> log;
    private final Map<Reason, Long> dropped = new EnumMap<>(Reason.class);
    private InetAddress outside;
    private NatTable udp;
    private NatTable tcp;

    /**
     * A box that remembers nothing yet.
     *
     * @param outside its address on the outside; not used where nothing is translated
     * @param random decides ports and background traffic, nothing else
     * @param log told of mappings that come and go and of packets that do not pass
     */
    public NatBox(
            NatPolicy policy, InetAddress outside, RandomGenerator random, Consumer<String> log) {
        this.policy = policy;
        this.outside = outside;
        this.random = random;
        this.log = log;
        forget();
    }

    private void forget() {
        udp = new NatTable(Protocol.UDP, policy, outside, random, log);
        tcp = new NatTable(Protocol.TCP, policy, outside, random, log);
    }

    public NatPolicy policy() {
        return policy;
    }

    public InetAddress outside() {
        return outside;
    }

    /** Loses all state, as by a power cut; sequences start anew, somewhere else. */
    public void reboot() {
        log.accept("reboots, forgets " + mappings() + " mappings");
        forget();
    }

    /** Gets another outside address; nothing of before is valid. */
    public void renumber(InetAddress address) {
        log.accept("renumbered " + outside.getHostAddress() + " -> " + address.getHostAddress());
        outside = address;
        forget();
    }

    /** Mappings in its tables, those not counted out that expired unnoticed. */
    public int mappings() {
        return udp.size() + tcp.size();
    }

    /** Packets that did not pass, by reason. */
    public Map<Reason, Long> dropped() {
        return Map.copyOf(dropped);
    }

    /**
     * Opens a port for an inside endpoint to everybody, as routers do when asked by UPnP, NAT-PMP
     * or PCP; until {@link #withdraw} or a reboot. Leases are the business of who asks.
     *
     * @param port outside; not used by a firewall, which opens the endpoint itself
     * @return how it is known outside; empty if another has that port, or there are too many
     */
    public Optional<InetSocketAddress> expose(
            long now, Protocol protocol, InetSocketAddress inside, int port) {
        return table(protocol).expose(now, inside, port);
    }

    /** Closes what {@link #expose} opened. */
    public void withdraw(Protocol protocol, InetSocketAddress external) {
        table(protocol).withdraw(external);
    }

    /** A packet came from inside. Times are nanoseconds that never go back. */
    public NatVerdict outbound(long now, NatPacket p) {
        NatPolicy.Rules rules = rules(p);
        if (policy.udpBlocked() && p.protocol() == Protocol.UDP) {
            return drop(p, Reason.UDP_BLOCKED);
        }
        if (rules.open()) {
            return new Forward(Side.OUTSIDE, p.from(), p.to());
        }
        if (p.kind() == Kind.ICMP_ERROR) {
            Mapping m = table(p).of(now, p.to(), p.from());
            return m == null
                    ? drop(p, Reason.NO_MAPPING)
                    : new Forward(Side.OUTSIDE, p.from(), m.external);
        }
        boolean back = rules.mapping() != Dependence.NONE && p.to().getAddress().equals(outside);
        if (back && policy.hairpin() == Hairpin.NONE) {
            return drop(p, Reason.HAIRPIN);
        }
        Mapping m = table(p).outbound(now, p.kind(), p.from(), p.to());
        if (m == null) {
            return drop(p, table(p).refusal());
        }
        m.touch(now, p.kind(), true, p.to());
        return back ? hairpin(now, p, m) : new Forward(Side.OUTSIDE, m.external, p.to());
    }

    private NatVerdict hairpin(long now, NatPacket p, Mapping source) {
        NatTable table = table(p);
        Mapping m = table.inbound(now, p.kind(), source.external, p.to(), policy.hairpinFiltered());
        if (m == null) {
            return unsolicited(now, p);
        }
        m.touch(now, p.kind(), false, source.external);
        InetSocketAddress seen =
                policy.hairpin() == Hairpin.EXTERNAL_SOURCE ? source.external : p.from();
        log.accept("hairpin " + p + ": " + NatPacket.text(seen) + " > " + m);
        return new Forward(Side.INSIDE, seen, m.inside());
    }

    /** A packet came from outside. */
    public NatVerdict inbound(long now, NatPacket p) {
        if (policy.udpBlocked() && p.protocol() == Protocol.UDP) {
            return drop(p, Reason.UDP_BLOCKED);
        }
        if (rules(p).open()) {
            return new Forward(Side.INSIDE, p.from(), p.to());
        }
        if (p.kind() == Kind.ICMP_ERROR) {
            Mapping m = table(p).quoted(now, p.from(), p.to());
            return m == null
                    ? drop(p, Reason.NO_MAPPING)
                    : new Forward(Side.INSIDE, m.inside(), p.to());
        }
        Mapping m = table(p).inbound(now, p.kind(), p.from(), p.to(), true);
        if (m == null) {
            return unsolicited(now, p);
        }
        m.touch(now, p.kind(), false, p.from());
        return new Forward(Side.INSIDE, p.from(), m.inside());
    }

    private NatVerdict unsolicited(long now, NatPacket p) {
        Reason why = table(p).known(now, p.to()) ? Reason.FILTERED : Reason.NO_MAPPING;
        boolean isTcp = p.protocol() == Protocol.TCP;
        if (p.kind() == Kind.RST) {
            return drop(p, why);
        }
        return switch (policy.unsolicited()) {
            case DROP -> drop(p, why);
            case TCP_RST -> isTcp ? reject(p, why, Answer.TCP_RST) : drop(p, why);
            case ICMP_PORT_UNREACHABLE -> reject(p, why, Answer.ICMP_PORT_UNREACHABLE);
            case ICMP_ADMIN_PROHIBITED -> reject(p, why, Answer.ICMP_ADMIN_PROHIBITED);
            case OWN_STACK -> {
                if (rules(p).mapping() == Dependence.NONE) {
                    yield drop(p, why); // not for the box: there is nothing it could answer
                }
                if (!isTcp) { // what was reset is out of the way at once
                    table(p).track(now, p.to(), p.from());
                }
                yield reject(p, why, isTcp ? Answer.TCP_RST : Answer.ICMP_PORT_UNREACHABLE);
            }
        };
    }

    private NatVerdict drop(NatPacket p, Reason why) {
        dropped.merge(why, 1L, Long::sum);
        log.accept("drops, " + why + ": " + p);
        return new Drop(why);
    }

    private NatVerdict reject(NatPacket p, Reason why, Answer answer) {
        dropped.merge(why, 1L, Long::sum);
        log.accept("answers " + answer + ", " + why + ": " + p);
        return new Reject(why, answer);
    }

    private NatTable table(NatPacket p) {
        return table(p.protocol());
    }

    private NatTable table(Protocol p) {
        return p == Protocol.UDP ? udp : tcp;
    }

    private NatPolicy.Rules rules(NatPacket p) {
        return p.protocol() == Protocol.UDP ? policy.udp() : policy.tcp();
    }
}
