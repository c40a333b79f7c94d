// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where an address means one thing (RFC 2663 "address realm"): the Internet, or what lies behind
 * one NAT. A box that joins two realms is a {@link Station} of both: {@link #attach} its outside
 * address in one, make it the {@link #gateway} of the other.
 */
public final class Realm {
    private final SimWorld world;
    private final String name;
    private final Map<InetAddress, Station> stations = new HashMap<>();
    private final Map<String, Link> links = new LinkedHashMap<>();
    private final Map<InetAddress, Set<Station>> groups = new HashMap<>();
    private List<InetAddress> routers = List.of();
    private Station gateway;
    private LinkProfile profile;

    Realm(SimWorld world, String name) {
        this.world = world;
        this.name = name;
    }

    /** Brings packets for {@code address} to {@code station} from now on. */
    public void attach(InetAddress address, Station station) {
        stations.put(address, station);
    }

    public String name() {
        return name;
    }

    /** Brings nothing more for {@code address} to {@code station}. */
    public void detach(InetAddress address, Station station) {
        stations.remove(address, station);
    }

    /**
     * Who gets the packets to addresses that nobody here has.
     *
     * @param addresses what hosts know it as, at most one of each family
     */
    public void gateway(Station station, InetAddress... addresses) {
        gateway = station;
        routers = List.of(addresses);
    }

    /** What hosts know the gateway as. */
    public List<InetAddress> routers() {
        return routers;
    }

    /** Lets {@code station} hear what is sent to a multicast group here. */
    void join(InetAddress group, Station station) {
        groups.computeIfAbsent(group, g -> new LinkedHashSet<>()).add(station);
    }

    /** Of links here that are first used from now on; at first that of the world. */
    public void profile(LinkProfile p) {
        profile = p;
    }

    /** Sets both directions between two stations. */
    public void link(Station a, Station b, LinkProfile profile) {
        oneWay(a, b, profile);
        oneWay(b, a, profile);
    }

    /** Sets one direction. */
    public void oneWay(Station from, Station to, LinkProfile profile) {
        find(from, to).profile(profile);
    }

    /** Opens or cuts both directions; what is cut vanishes silently. */
    public void up(Station a, Station b, boolean on) {
        up1(a, b, on);
        up1(b, a, on);
    }

    /** Opens or cuts one direction. */
    public void up1(Station from, Station to, boolean on) {
        find(from, to).up(on);
        world.trace(name, (on ? "heals " : "cuts ") + from.name() + ">" + to.name());
    }

    /** Sends a packet on its way. */
    public void send(Station from, Packet packet) {
        if (packet.to().getAddress().isMulticastAddress()) {
            world.trace(from.name(), packet.toString());
            for (Station s : groups.getOrDefault(packet.to().getAddress(), Set.of())) {
                if (s != from) {
                    find(from, s).carry(packet);
                }
            }
            return;
        }
        Station to = stations.getOrDefault(packet.to().getAddress(), gateway);
        if (to == null || to == from) {
            world.trace(from.name(), "no route " + packet);
        } else if (world.swallows(packet.flow())) {
            world.trace(from.name(), "swallowed " + packet);
        } else {
            world.trace(from.name(), packet.toString());
            find(from, to).carry(packet);
        }
    }

    private Link find(Station from, Station to) {
        return links.computeIfAbsent(
                from.name() + ">" + to.name(),
                k -> new Link(world, from, to, profile == null ? world.defaultProfile() : profile));
    }
}
