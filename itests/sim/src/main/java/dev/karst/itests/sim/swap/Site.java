// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

import dev.karst.core.identity.Identity;
import dev.karst.itests.sim.SimBus;
import dev.karst.itests.sim.SimDirectory;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimSignaling;
import dev.karst.itests.sim.matrix.TurnHost;
import dev.karst.itests.sim.nat.NatCarrier;
import dev.karst.itests.sim.nat.NatHome;
import dev.karst.itests.sim.session.FlowTransport;
import dev.karst.itests.sim.session.SimNode;
import dev.karst.nat.stun.StunNatDetector;
import dev.karst.relay.turn.TurnRelay;
import dev.karst.spi.crypto.CryptoProvider;
import dev.karst.spi.directory.PeerDirectory;
import dev.karst.spi.nat.NatDetector;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.relay.RelayProvider;
import dev.karst.spi.signaling.SignalingBackend;
import dev.karst.spi.transport.Transport;
import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.transport.tcp.TcpTransport;
import dev.karst.traversal.direct.DirectStrategy;
import dev.karst.traversal.predict.PredictStrategy;
import dev.karst.traversal.reverse.ReverseStrategy;
import dev.karst.traversal.tcppunch.TcpPunchStrategy;
import dev.karst.traversal.udppunch.UdpPunchStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One node as it ships, behind its router, with every provider in a slot of its own. */
final class Site {
    private final NatHome home;
    private final Optional<NatCarrier> carrier;
    private final SimNode node;
    private final Consumer<String> trouble;
    private final List<Slot<?>> slots = new ArrayList<>();

    Site(
            NatHome home,
            Optional<NatCarrier> carrier,
            Identity identity,
            CryptoProvider crypto,
            boolean mapper,
            SimBus bus,
            List<String> stunServers,
            String turnUrl,
            Consumer<String> trouble) {
        this.home = home;
        this.carrier = carrier;
        this.trouble = trouble;
        this.node = SimNode.bare(home.host(), identity);
        SimHost host = home.host();
        slot(Transport.class, "tcp", TcpTransport::new);
        slot(Transport.class, "udp", FlowTransport::new);
        slot(CryptoProvider.class, "crypto", () -> crypto);
        slot(TraversalStrategy.class, "direct", DirectStrategy::new);
        slot(TraversalStrategy.class, "reverse", ReverseStrategy::new);
        slot(TraversalStrategy.class, "tcppunch", TcpPunchStrategy::new);
        slot(TraversalStrategy.class, "udppunch", UdpPunchStrategy::new);
        slot(TraversalStrategy.class, "predict", PredictStrategy::new);
        slot(NatDetector.class, "stun", () -> new StunNatDetector(stunServers));
        slot(RelayProvider.class, "turn", () -> relay(turnUrl));
        slot(SignalingBackend.class, "sim", () -> new SimSignaling(bus, host));
        slot(PeerDirectory.class, "sim", () -> new SimDirectory(bus, host));
        if (mapper) {
            slot(PortMapper.class, "sim", () -> new SimMapper(home));
        }
    }

    private static RelayProvider relay(String url) {
        return TurnRelay.provider(List.of(url), TurnHost.USER, TurnHost.PASSWORD, "", "");
    }

    private <T> void slot(Class<T> kind, String name, Supplier<T> maker) {
        Slot<T> s = new Slot<>(node, kind, name, maker, trouble);
        s.arrive();
        slots.add(s);
    }

    SimNode node() {
        return node;
    }

    SimHost host() {
        return home.host();
    }

    NatHome home() {
        return home;
    }

    Optional<NatCarrier> carrier() {
        return carrier;
    }

    List<Slot<?>> slots() {
        return slots;
    }
}
