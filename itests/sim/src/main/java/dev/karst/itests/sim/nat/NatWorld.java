// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.LinkProfile;
import dev.karst.itests.sim.Realm;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimWorld;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;

/**
 * Homes behind NATs, carriers that have homes behind them, and servers that anyone can reach, all
 * in one {@link SimWorld}. Homes have 192.168.n.0/24, carriers 100.64.0.0/10 inside; what is public
 * is out of 203.0.113.0/24 and then 198.18.0.0/15; IPv6 is 2001:db8:n::/64.
 */
public final class NatWorld {
    private final SimWorld world;
    private int homes;
    private int publics;

    public NatWorld(long seed) {
        this(new SimWorld(seed));
    }

    public NatWorld(SimWorld world) {
        this.world = world;
    }

    /** Time, trace, faults and links. */
    public SimWorld world() {
        return world;
    }

    /** One host behind one box, IPv4 only. */
    public NatHome home(String name, NatPolicy policy) {
        return plan(name).policy(policy).build();
    }

    /** A home with more to say about it. */
    public NatHome.Plan plan(String name) {
        return new NatHome.Plan(this, name, ++homes);
    }

    /** A carrier grade NAT on the Internet, for homes behind it. */
    public NatCarrier carrier(String name, NatPolicy policy) {
        return new NatCarrier(this, name, policy);
    }

    /** A host on the Internet with exactly these addresses. */
    public SimHost server(String name, String... addresses) {
        InetAddress[] all = new InetAddress[addresses.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = address(addresses[i]);
        }
        return world.host(name, world.internet(), all);
    }

    /** A public IPv4 address that nobody else has. */
    public InetAddress nextPublic() {
        int n = publics++;
        return n < 250
                ? address("203.0.113." + (n + 5))
                : address("198." + (18 + n / 62500) + "." + n / 250 % 250 + "." + (n % 250 + 1));
    }

    Realm realm(String name, Duration delay) {
        Realm r = world.realm(name);
        r.profile(LinkProfile.of(delay));
        return r;
    }

    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
