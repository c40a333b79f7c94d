// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.nat.NatPacket.Kind;
import dev.karst.itests.sim.nat.NatPacket.Protocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** One inside endpoint (towards some destinations, or all) and what it is outside. */
final class Mapping {
    /**
     * What a mapping is found by.
     *
     * @param address of the destination it is for; null = any
     * @param port of that; 0 = any
     */
    record Key(InetSocketAddress inside, InetAddress address, int port) {
        static Key of(Dependence d, InetSocketAddress inside, InetSocketAddress to) {
            return switch (d) {
                case NONE, ENDPOINT_INDEPENDENT -> new Key(inside, null, 0);
                case ADDRESS_DEPENDENT -> new Key(inside, to.getAddress(), 0);
                case ADDRESS_AND_PORT_DEPENDENT -> new Key(inside, to.getAddress(), to.getPort());
            };
        }

        boolean covers(InetSocketAddress to) {
            return (address == null || address.equals(to.getAddress()))
                    && (port == 0 || port == to.getPort());
        }
    }

    final Key key;
    final InetSocketAddress external;
    private final Protocol protocol;
    private final NatPolicy policy;
    private final Dependence filtering;
    private final Map<InetSocketAddress, Session> sessions = new LinkedHashMap<>();
    private final long born;
    private final boolean pinned;
    private long latest;

    /**
     * A mapping that nobody used yet.
     *
     * @param pinned whether it was asked for, and neither expires nor filters
     */
    Mapping(
            Key key,
            InetSocketAddress external,
            Protocol protocol,
            NatPolicy policy,
            long now,
            boolean pinned) {
        this.key = key;
        this.pinned = pinned;
        this.external = external;
        this.protocol = protocol;
        this.policy = policy;
        this.filtering = (protocol == Protocol.UDP ? policy.udp() : policy.tcp()).filtering();
        this.born = now;
    }

    InetSocketAddress inside() {
        return key.inside();
    }

    boolean pinned() {
        return pinned;
    }

    boolean alive(long now) {
        if (pinned || now < latest) {
            return true;
        }
        if (protocol == Protocol.TCP) {
            remember();
        }
        return now < latest;
    }

    private void remember() {
        latest = 0;
        for (Session s : sessions.values()) {
            latest = Math.max(latest, s.expires());
        }
    }

    /** A packet of this mapping passes. */
    void touch(long now, Kind kind, boolean outbound, InetSocketAddress peer) {
        if (protocol == Protocol.TCP) {
            Session s = session(peer);
            long before = s.expires();
            s.tcp(now, kind, outbound, policy.timers());
            if (s.expires() < before) {
                remember();
            }
            latest = Math.max(latest, s.expires());
            return;
        }
        long life = policy.timers().udp().toNanos();
        if (policy.timers().refresh() == Refresh.ABSOLUTE) {
            latest = born + life;
        } else if (outbound || policy.timers().refresh() == Refresh.SLIDING) {
            latest = now + life;
        }
        InetSocketAddress p = granular(peer);
        if (outbound || pinned) {
            session(p).until(Math.max(latest, pinned ? now + life : 0));
        } else {
            Session s = sessions.get(p);
            if (s != null && s.alive(now) && policy.timers().refresh() == Refresh.SLIDING) {
                s.until(latest);
            }
        }
    }

    private Session session(InetSocketAddress peer) {
        Session s = sessions.get(peer);
        if (s == null) {
            if (sessions.size() >= policy.maxSessions()) {
                Iterator<?> oldest = sessions.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
            s = new Session();
            sessions.put(peer, s);
        }
        return s;
    }

    /** Datagrams are remembered only as exactly as the filter wants to know. */
    private InetSocketAddress granular(InetSocketAddress peer) {
        return protocol == Protocol.UDP && filtering == Dependence.ADDRESS_DEPENDENT
                ? new InetSocketAddress(peer.getAddress(), 0)
                : peer;
    }

    /** Whether something was sent to that peer not long ago. */
    boolean knows(long now, InetSocketAddress peer) {
        Session s = sessions.get(granular(peer));
        return s != null && s.alive(now);
    }

    /** Whether the filter lets a packet of that peer in. */
    boolean permits(long now, Kind kind, InetSocketAddress peer) {
        if (pinned) {
            return true;
        }
        Session s = sessions.get(granular(peer));
        boolean known = s != null && s.alive(now);
        if (known && !s.reset()) {
            return true;
        }
        return switch (filtering) {
            case NONE, ENDPOINT_INDEPENDENT -> !known || kind == Kind.SYN;
            case ADDRESS_DEPENDENT -> protocol == Protocol.TCP && knowsAddress(now, peer);
            case ADDRESS_AND_PORT_DEPENDENT -> false;
        };
    }

    private boolean knowsAddress(long now, InetSocketAddress peer) {
        for (Map.Entry<InetSocketAddress, Session> e : sessions.entrySet()) {
            if (e.getKey().getAddress().equals(peer.getAddress())
                    && e.getValue().alive(now)
                    && !e.getValue().reset()) {
                return true;
            }
        }
        return false;
    }

    /** Whether both may have one external port: no sender could be meant for either. */
    boolean disjoint(long now, Key other, InetSocketAddress otherPeer) {
        if (knows(now, otherPeer)) {
            return false;
        }
        return key.address() == null
                || other.address() == null
                || !key.address().equals(other.address())
                || key.port() != 0 && other.port() != 0 && key.port() != other.port();
    }

    @Override
    public String toString() {
        String to = "";
        if (key.address() != null) {
            to = " for " + NatPacket.text(new InetSocketAddress(key.address(), key.port()));
        }
        return protocol.name().toLowerCase(java.util.Locale.ROOT)
                + " "
                + NatPacket.text(inside())
                + " -> "
                + NatPacket.text(external)
                + to;
    }
}
