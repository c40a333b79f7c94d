// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Makes the namespaces of a plan: one {@code ip -batch} for all namespaces and cables, then one for
 * each namespace with what is inside it, and one {@code nft -f} for each router.
 */
final class LabUp {

    private final Plan plan;
    private final Map<NetNs, StringBuilder> batches = new LinkedHashMap<>();
    private final Map<NetNs, String> rules = new LinkedHashMap<>();

    LabUp(Plan plan) {
        this.plan = plan;
        plan.namespaces().forEach(ns -> batches.put(ns, new StringBuilder("link set lo up\n")));
    }

    /** Namespaces and cables; the devices of the helper process come on their own. */
    String cables() {
        StringBuilder all = new StringBuilder();
        batches.keySet().forEach(ns -> all.append("netns add ").append(ns.name()).append('\n'));
        cable(all, plan.ns("inet"), "w-s", plan.ns("s"), "wan");
        for (Site site : plan.sites()) {
            NetNs at = plan.ns(site.name());
            if (!site.helped()) {
                cable(all, plan.up(site), "w-" + site.name(), at, "wan");
            }
            for (int i = 1; i <= site.hosts(); i++) {
                cable(all, at, "h-" + site.host(i), plan.ns(site.host(i)), "eth0");
            }
        }
        return all.toString();
    }

    private static void cable(StringBuilder to, NetNs a, String deviceA, NetNs b, String deviceB) {
        to.append(
                "link add %s netns %s type veth peer name %s netns %s%n"
                        .formatted(deviceA, a.name(), deviceB, b.name()));
    }

    /** What is inside each namespace. */
    void configure() {
        in(plan.ns("inet"), "addr add " + Plan.CORE + "/32 dev lo");
        server();
        for (Site site : plan.sites()) {
            downlink(plan.up(site), site);
            NetNs at = plan.ns(site.name());
            boolean own = !site.userspace();
            uplink(
                    at,
                    own ? List.of(plan.wan(site)) : List.of(),
                    plan.gateway(site),
                    !site.helped());
            if (site.router()) {
                router(at, site);
            } else {
                in(at, "addr add " + site.lan6() + "a/128 dev wan nodad");
                if (site.firewall()) {
                    rules.put(at, NftRules.firewall());
                }
            }
        }
        List<CompletableFuture<Void>> running = new ArrayList<>();
        batches.forEach(
                (ns, batch) ->
                        running.add(CompletableFuture.runAsync(() -> one(ns, batch.toString()))));
        running.forEach(LabUp::join);
    }

    private static void join(CompletableFuture<Void> running) {
        try {
            running.join();
        } catch (java.util.concurrent.CompletionException e) {
            throw e.getCause() instanceof LabException ours
                    ? ours
                    : new LabException(String.valueOf(e.getCause()), e);
        }
    }

    private void one(NetNs ns, String batch) {
        try {
            ns.call(() -> settings(ns));
        } catch (LabException e) {
            throw e;
        } catch (Exception e) {
            throw new LabException("settings of " + ns.name() + ": " + e, e);
        }
        Sh.must(batch, "ip", "-n", ns.name(), "-batch", "-");
        String nft = rules.get(ns);
        if (nft != null) {
            Sh.must(nft, Sh.in(ns, "nft", "-f", "-"));
        }
    }

    private void in(NetNs ns, String line) {
        batches.get(ns).append(line).append('\n');
    }

    private void server() {
        NetNs inet = plan.ns("inet");
        device(inet, "w-s", "fe80::1");
        NetNs at = plan.ns("s");
        uplink(at, List.of(Plan.SERVER, Plan.SERVER2), Plan.CORE, true);
        for (String address : List.of(Plan.SERVER, Plan.SERVER2)) {
            in(inet, "route add " + address + "/32 dev w-s");
        }
        for (String address : List.of(Plan.SERVER_6, Plan.SERVER2_6)) {
            in(inet, "route add " + address + "/128 via fe80::2 dev w-s");
            in(at, "addr add " + address + "/128 dev wan nodad");
        }
    }

    private void device(NetNs ns, String device, String local) {
        in(ns, "link set " + device + " addrgenmode none");
        in(ns, "link set " + device + " up");
        in(ns, "addr add " + local + "/64 dev " + device + " nodad");
    }

    /** The provider's end. IPv6 of a subscriber passes the CGNAT's router, untranslated. */
    private void downlink(NetNs ns, Site site) {
        String device = "w-" + site.name();
        device(ns, device, "fe80::1");
        in(ns, "route add " + plan.wan(site) + "/32 dev " + device);
        in(ns, "route add " + site.lan6() + "/64 via fe80::2 dev " + device);
        site.parent()
                .ifPresent(
                        p ->
                                in(
                                        plan.ns("inet"),
                                        "route add " + site.lan6() + "/64 via fe80::2 dev w-" + p));
    }

    private void uplink(NetNs ns, List<String> addresses, String gateway, boolean ethernet) {
        device(ns, "wan", "fe80::2");
        addresses.forEach(a -> in(ns, "addr add " + a + "/32 dev wan"));
        in(
                ns,
                "route add default "
                        + (ethernet ? "via " + gateway : "")
                        + " dev wan"
                        + (ethernet ? " onlink" : ""));
        in(ns, "route add default via fe80::1 dev wan");
    }

    private void router(NetNs at, Site site) {
        RouterKind kind = site.kind().orElseThrow();
        if (!plan.children(site.name()).isEmpty()) {
            in(at, "addr add " + Plan.CGNAT_GATEWAY + "/32 dev lo");
        }
        in(at, "link add lan type bridge mcast_snooping 0");
        in(at, "addr add " + site.lan() + ".1/24 dev lan");
        in(at, "link set lan addrgenmode none");
        in(at, "addr add " + site.lan6() + "1/64 dev lan nodad");
        // Linux asks for a neighbour that it forwards to from a link-local address only: without
        // one the way to a host ends once what the host told by itself is old, after 8 s.
        in(at, "addr add fe80::1/64 dev lan nodad");
        in(at, "link set lan up");
        for (int i = 1; i <= site.hosts(); i++) {
            in(at, "link set h-" + site.host(i) + " addrgenmode none master lan up");
            NetNs host = plan.ns(site.host(i));
            in(host, "link set eth0 addrgenmode none");
            in(host, "link set eth0 up");
            in(host, "addr add " + site.lan() + "." + (9 + i) + "/24 dev eth0");
            in(host, "route add default via " + site.lan() + ".1");
            in(host, "addr add " + site.lan6() + Integer.toHexString(9 + i) + "/64 dev eth0 nodad");
            in(host, "route add default via " + site.lan6() + "1 dev eth0");
        }
        rules.put(
                at,
                kind.userspace()
                        ? NftRules.outboundOnly(kind)
                        : NftRules.nat(kind, plan.wan(site), plan.inside(site)));
    }

    private Void settings(NetNs ns) throws IOException {
        Path net = Path.of("/proc/sys/net");
        for (String family : List.of("ipv4", "ipv6")) {
            try (Stream<Path> devices = Files.list(net.resolve(family + "/conf"))) {
                for (Path device : devices.toList()) {
                    set(device.resolve("rp_filter"), 0);
                    set(device.resolve("send_redirects"), 0);
                    set(device.resolve("accept_redirects"), 0);
                    set(device.resolve("accept_dad"), 0);
                    set(device.resolve("accept_ra"), 0);
                }
            }
        }
        // Answers by ICMP are part of what is tested: none is swallowed.
        set(net.resolve("ipv4/icmp_ratelimit"), 0);
        set(net.resolve("ipv6/icmp/ratelimit"), 0);
        boolean forwards =
                ns.equals(plan.ns("inet"))
                        || plan.sites().stream()
                                .anyMatch(s -> s.router() && plan.ns(s.name()).equals(ns));
        if (forwards) {
            set(net.resolve("ipv4/ip_forward"), 1);
            set(net.resolve("ipv6/conf/all/forwarding"), 1);
            set(net.resolve("bridge/bridge-nf-call-iptables"), 0);
            set(net.resolve("bridge/bridge-nf-call-ip6tables"), 0);
        }
        for (Site site : plan.sites()) {
            if (site.router() && plan.ns(site.name()).equals(ns)) {
                timeouts(site.kind().orElseThrow());
            }
        }
        return null;
    }

    private static void timeouts(RouterKind kind) throws IOException {
        Path netfilter = Path.of("/proc/sys/net/netfilter");
        set(netfilter.resolve("nf_conntrack_udp_timeout"), kind.udp().toSeconds());
        set(netfilter.resolve("nf_conntrack_udp_timeout_stream"), kind.udp().toSeconds());
        set(netfilter.resolve("nf_conntrack_tcp_timeout_established"), kind.tcp().toSeconds());
    }

    /** Settings that this kernel does not have are no concern of ours. */
    private static void set(Path file, long value) throws IOException {
        if (Files.exists(file)) {
            Files.writeString(file, Long.toString(value));
        }
    }
}
