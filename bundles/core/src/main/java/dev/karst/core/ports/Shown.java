// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import dev.karst.PortInfo;
import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** What others see of the claims, from any thread. */
public final class Shown {
    private final CopyOnWriteArrayList<Claim> claims = new CopyOnWriteArrayList<>();
    private final Supplier<NatProfile> nat;

    Shown(Supplier<NatProfile> nat) {
        this.nat = nat;
    }

    void add(Claim c) {
        claims.add(c);
    }

    void remove(Claim c) {
        claims.remove(c);
    }

    List<String> leases(String protocol) {
        List<String> out = new ArrayList<>();
        for (Claim c : claims) {
            Held h = c.held;
            if (h != null && h.by().equals(protocol)) {
                out.add("lease " + Words.line(h));
            }
        }
        return out;
    }

    /** Places outside where this node can be reached; none that is known to lead nowhere. */
    public List<InetSocketAddress> mapped(Protocol protocol) {
        List<InetSocketAddress> out = new ArrayList<>();
        for (Claim c : claims) {
            if (c.want.protocol() == protocol) {
                outside(c).ifPresent(out::add);
            }
        }
        return out;
    }

    /** Where the router forwards to that socket. */
    public Optional<InetSocketAddress> mapped(Protocol protocol, InetSocketAddress internal) {
        for (Claim c : claims) {
            if (c.want.protocol() == protocol
                    && c.want.internal().equals(internal)
                    && !c.unwanted) {
                return outside(c);
            }
        }
        return Optional.empty();
    }

    private Optional<InetSocketAddress> outside(Claim c) {
        Held h = c.held;
        if (h == null || c.unwanted || Reach.judge(h.lease(), nat.get()).startsWith("no")) {
            return Optional.empty();
        }
        return h.lease().external().map(a -> new InetSocketAddress(a, h.lease().externalPort()));
    }

    /** Every wanted port, open or not. */
    public List<PortInfo> info() {
        return claims.stream().map(this::info).toList();
    }

    PortInfo info(Claim c) {
        String trouble = c.unwanted ? "wanted no more: closed in a moment" : c.trouble;
        return Words.info(c.want, c.held, trouble, nat.get());
    }
}
