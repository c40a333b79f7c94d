// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.Realm;
import dev.karst.itests.sim.SimHost;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Hosts on a LAN behind one box. Where the box translates nothing (mapping NONE), hosts have public
 * addresses and the box routes them.
 */
public final class NatHome {
    private static final Duration LAN_DELAY = Duration.ofNanos(500_000);

    private final NatWorld world;
    private final Plan plan;
    private final Realm lan;
    private final Realm outer;
    private final NatStation nat;
    private final boolean routed;
    private final List<SimHost> hosts = new ArrayList<>();
    private SimHost router;

    /** What a home shall be like. */
    public static final class Plan {
        private final NatWorld world;
        private final String name;
        private final int number;
        private NatPolicy policy = NatPolicy.home();
        private NatPolicy policy6;
        private NatCarrier carrier;
        private LinkProfile lan = LinkProfile.of(LAN_DELAY);
        private int subnet;

        Plan(NatWorld world, String name, int number) {
            this.world = world;
            this.name = name;
            this.number = number;
            this.subnet = 1 + (number - 1) % 250;
        }

        public Plan policy(NatPolicy p) {
            policy = p;
            return this;
        }

        /** Gives hosts a public IPv6 address, too, behind that firewall. */
        public Plan ipv6(NatPolicy firewall) {
            if (firewall.udp().mapping() != Dependence.NONE
                    || firewall.tcp().mapping() != Dependence.NONE) {
                throw new IllegalArgumentException("IPv6 is not translated");
            }
            policy6 = firewall;
            return this;
        }

        /** Puts the box behind the NAT of a carrier. */
        public Plan behind(NatCarrier c) {
            carrier = c;
            return this;
        }

        /** The links of the LAN; half a millisecond at first. */
        public Plan lan(LinkProfile p) {
            lan = p;
            return this;
        }

        /** Which 192.168.n.0/24 it is: two homes may have the same, as they do. */
        public Plan subnet(int n) {
            subnet = n;
            return this;
        }

        /** Builds it, with one host of the same name. */
        public NatHome build() {
            NatHome home = new NatHome(this);
            home.addHost(name);
            return home;
        }
    }

    private NatHome(Plan plan) {
        this.plan = plan;
        this.world = plan.world;
        this.routed = plan.policy.udp().mapping() == Dependence.NONE;
        if (routed != (plan.policy.tcp().mapping() == Dependence.NONE)) {
            throw new IllegalArgumentException("one address for UDP and another for TCP");
        }
        this.lan = world.world().realm(plan.name + "-lan");
        lan.profile(plan.lan);
        this.outer = plan.carrier == null ? world.world().internet() : plan.carrier.access();
        InetAddress router = NatWorld.address("192.168." + plan.subnet + ".1");
        this.nat =
                new NatStation(
                        world.world(),
                        plan.name + "-nat",
                        lan,
                        router,
                        outer,
                        nextOuter(),
                        plan.policy,
                        plan.policy6);
        if (plan.policy6 == null) {
            lan.gateway(nat.lan(), router);
        } else {
            lan.gateway(nat.lan(), router, NatWorld.address("fe80::1"));
        }
    }

    private InetAddress nextOuter() {
        return plan.carrier == null ? world.nextPublic() : plan.carrier.nextAddress();
    }

    /** One more host on its LAN. */
    public SimHost addHost(String name) {
        int n = hosts.size() + 2;
        List<InetAddress> addresses = new ArrayList<>();
        if (routed) {
            addresses.add(nextOuter());
        } else {
            addresses.add(NatWorld.address("192.168." + plan.subnet + "." + n));
        }
        if (plan.policy6 != null) {
            String prefix = "2001:db8:" + Integer.toHexString(0x1000 + plan.number);
            addresses.add(NatWorld.address(prefix + "::" + Integer.toHexString(n)));
            world.world().internet().attach(addresses.get(1), nat.wan());
        }
        if (routed) {
            outer.attach(addresses.get(0), nat.wan());
        }
        SimHost host = world.world().host(name, lan, addresses.toArray(new InetAddress[0]));
        hosts.add(host);
        return host;
    }

    /** Its first host. */
    public SimHost host() {
        return hosts.get(0);
    }

    public List<SimHost> hosts() {
        return List.copyOf(hosts);
    }

    /**
     * The inside of the box as a host, for services that routers have (UPnP, PCP, DNS); made at the
     * first call.
     */
    public SimHost router() {
        if (router == null) {
            InetAddress address = lan.routers().get(0);
            router = world.world().host(plan.name + "-router", lan, address);
        }
        return router;
    }

    public Realm lan() {
        return lan;
    }

    public NatStation nat() {
        return nat;
    }

    /** Where a port of the box is, as its outside sees it. */
    public InetSocketAddress outside(int port) {
        return new InetSocketAddress(nat.address(), port);
    }

    /** The box loses its state. */
    public void reboot() {
        nat.reboot();
    }

    /**
     * The box gets another outside address. Where it translates nothing, its hosts get others, and
     * notice.
     */
    public void renumber() {
        nat.renumber(nextOuter());
        if (routed) {
            for (SimHost h : hosts) {
                List<InetAddress> addresses = new ArrayList<>(h.addresses());
                outer.detach(addresses.get(0), nat.wan());
                addresses.set(0, nextOuter());
                outer.attach(addresses.get(0), nat.wan());
                h.move(lan, addresses.toArray(new InetAddress[0]));
            }
        }
    }
}
