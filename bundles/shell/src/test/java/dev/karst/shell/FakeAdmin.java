// SPDX-License-Identifier: Apache-2.0
package dev.karst.shell;

import dev.karst.KarstException;
import dev.karst.NatInfo;
import dev.karst.PeerAddress;
import dev.karst.PortInfo;
import dev.karst.Subscription;
import dev.karst.admin.Admin;
import dev.karst.admin.ProviderInfo;
import dev.karst.admin.ProviderRef;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Two providers, of which one does not let go. */
final class FakeAdmin implements Admin {
    final List<String> calls = new ArrayList<>();

    @Override
    public List<ProviderInfo> providers() {
        return List.of(
                new ProviderInfo(
                        new ProviderRef("crypto", "jca", 3),
                        "dev.karst.crypto.jca 0.1.0",
                        0,
                        "active",
                        new ProviderInfo.Score(7, 1, Duration.ofMillis(20)),
                        List.of("2 epochs"),
                        List.of("late once")),
                new ProviderInfo(
                        new ProviderRef("transport", "tcp", 1),
                        "dev.karst.transport.tcp 0.1.0",
                        10,
                        "active",
                        new ProviderInfo.Score(0, 0, Duration.ZERO),
                        List.of("path to aibaeaqcai"),
                        List.of()));
    }

    @Override
    public CompletionStage<DrainResult> drain(ProviderRef provider, Duration limit) {
        calls.add("drain " + provider + " " + limit);
        return CompletableFuture.completedFuture(
                provider.kind().equals("crypto")
                        ? new DrainResult(true, List.of())
                        : new DrainResult(false, List.of("path to aibaeaqcai")));
    }

    @Override
    public Subscription tryOut(String bundle, double share) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int exercise() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void undrain(ProviderRef provider) {
        calls.add("undrain " + provider);
    }

    @Override
    public NatInfo nat() {
        NatInfo.Family ipv4 =
                new NatInfo.Family(
                        "ipv4",
                        Optional.of(new InetSocketAddress("192.168.1.2", 4000)),
                        Optional.of(new InetSocketAddress("203.0.113.5", 30001)),
                        new NatInfo.Protocol(
                                "endpoint-independent", "address-dependent", "preserved"),
                        new NatInfo.Protocol("unknown", "unknown", "unknown"),
                        "none",
                        "at least 30 s",
                        List.of("cgnat"),
                        "restrict/equal",
                        List.of("One mapping serves all peers."),
                        List.of("stun.example sees 203.0.113.5:30001"),
                        Instant.EPOCH);
        return new NatInfo("eth0 via 192.168.1.1 from 192.168.1.2", List.of(ipv4), "");
    }

    @Override
    public CompletionStage<NatInfo> detectNat() {
        calls.add("detect");
        return CompletableFuture.failedFuture(
                new KarstException(
                        KarstException.Code.UNREACHABLE, "ipv4: no STUN server answers"));
    }

    @Override
    public List<PortInfo> ports() {
        return List.of(
                new PortInfo(
                        "tcp",
                        new InetSocketAddress("192.168.1.2", 4001),
                        Optional.of(new InetSocketAddress("203.0.113.5", 40001)),
                        40001,
                        "pcp",
                        "192.168.1.1",
                        Optional.of(Instant.EPOCH),
                        "yes",
                        ""),
                new PortInfo(
                        "udp",
                        new InetSocketAddress("192.168.1.2", 5000),
                        Optional.empty(),
                        0,
                        "",
                        "",
                        Optional.empty(),
                        "unknown",
                        "pcp: the router refuses"));
    }

    @Override
    public Map<String, Long> counters() {
        return Map.of("tcp.oversized", 3L, "tunnel.failed", 12L);
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("suspendLimit", "10 min");
    }

    @Override
    public Subscription introduce(PeerAddress address) {
        calls.add("introduce " + address.id());
        return () -> {};
    }
}
