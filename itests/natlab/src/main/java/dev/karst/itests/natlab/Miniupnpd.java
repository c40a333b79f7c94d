// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The real miniupnpd on a router of the lab. Its rules live in one table, which also filters IPv6:
 * an accept in one table does not overrule a drop in another. For IPv4 the lab's own table lets in
 * whatever was rewritten.
 */
final class Miniupnpd {
    private static final Pattern FOUR =
            Pattern.compile("@nh,72,8 0x(6|11) th dport (\\d+) dnat ip to (\\S+)");
    private static final Pattern SIX =
            Pattern.compile("th dport (\\d+) @nh,192,128 0x([0-9a-f]+) @nh,48,8 0x(6|11) accept");
    private static final String TABLE = "miniupnpd";

    private final Lab lab;
    private final Site site;
    private final Path conf;
    private Process daemon;

    private Miniupnpd(Lab lab, Site site) {
        this.lab = lab;
        this.site = site;
        this.conf = lab.folder().resolve("mini-" + site.name() + ".conf");
    }

    /** Why there can be none here; empty if there can. */
    static Optional<String> missing() {
        return Need.onPath("miniupnpd")
                ? Optional.empty()
                : Optional.of(
                        "miniupnpd is not there (apt-get install miniupnpd-nftables; stop its"
                                + " service)");
    }

    /**
     * Starts it.
     *
     * @param words {@code upnp}, {@code pmp} (NAT-PMP and PCP), {@code ip=ADDRESS} (what it is to
     *     call its own address)
     */
    static Miniupnpd start(Lab lab, String name, List<String> words) {
        Miniupnpd m = new Miniupnpd(lab, lab.plan().site(name));
        try {
            Files.writeString(m.conf, m.settings(words));
        } catch (IOException e) {
            throw new LabException("cannot write " + m.conf + ": " + e.getMessage(), e);
        }
        m.rules();
        m.boot();
        return m;
    }

    private String settings(List<String> words) {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "ext_ifname=wan",
                                "listening_ip=lan",
                                "http_port=0",
                                "enable_upnp=" + (words.contains("upnp") ? "yes" : "no"),
                                "enable_natpmp=" + (words.contains("pmp") ? "yes" : "no"),
                                "secure_mode=yes",
                                "force_igd_desc_v1=no",
                                "uuid=00000000-0000-0000-0000-0000000000"
                                        + String.format("%02x", site.number()),
                                "upnp_table_name=" + TABLE,
                                "upnp_nat_table_name=" + TABLE,
                                "upnp_forward_chain=mini",
                                "upnp_nat_chain=minipre",
                                "upnp_nat_postrouting_chain=minipost"));
        words.stream().filter(w -> w.startsWith("ip=")).forEach(w -> all.add("ext_" + w));
        // Without this, a PCP request for IPv4 keeps it busy for ever: it looks for a port that is
        // allowed.
        all.add("allow 1024-65535 " + site.lan() + ".0/24 1024-65535");
        all.add("deny 0-65535 0.0.0.0/0 0-65535");
        return String.join("\n", all) + "\n";
    }

    private void rules() {
        Sh.must(
                """
                add table ip6 karst
                delete table ip6 karst
                add table inet %1$s
                delete table inet %1$s
                table inet %1$s {
                chain forward { type filter hook forward priority filter;
                meta nfproto ipv4 accept
                ct state established,related accept
                iifname != "wan" accept
                meta l4proto icmpv6 accept
                jump mini
                drop
                }
                chain pre { type nat hook prerouting priority dstnat; jump minipre; }
                chain post { type nat hook postrouting priority srcnat; jump minipost; }
                chain mini { }
                chain minipre { }
                chain minipost { }
                }
                """
                        .formatted(TABLE),
                Sh.in(lab.ns(site.name()), "nft", "-f", "-"));
    }

    /** Starts the daemon, which listens at another port each time. */
    void boot() {
        String label = "mini-" + site.name();
        daemon =
                lab.start(
                        site.name(),
                        label,
                        "miniupnpd",
                        "-d",
                        "-f",
                        conf.toString(),
                        "-P",
                        lab.folder().resolve(label + ".pid").toString());
        long until = System.nanoTime() + 10_000_000_000L;
        while (!said(label).matches("(?s).*(HTTP listening|Listening for NAT-PMP).*")) {
            if (!daemon.isAlive() || System.nanoTime() > until) {
                throw new LabException("miniupnpd does not start: " + said(label));
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    private String said(String label) {
        try {
            return Files.readString(lab.log(label), java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** The router loses its power, and everything that it knew. It says no good-bye. */
    void powerCut() {
        daemon.destroyForcibly();
        try {
            if (!daemon.waitFor(5, TimeUnit.SECONDS)) {
                throw new LabException("miniupnpd of " + site.name() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted");
        }
        Routers.reboot(lab, site.name());
        rules();
    }

    /**
     * What is open on it, as the kernel knows it: {@code tcp 4001 to 192.168.1.10:4001}, or {@code
     * tcp [20010db8…]:4001} for a pinhole.
     */
    TreeSet<String> open() {
        String rules =
                Sh.must("", Sh.in(lab.ns(site.name()), "nft", "list", "table", "inet", TABLE));
        TreeSet<String> out = new TreeSet<>();
        Matcher four = FOUR.matcher(rules);
        while (four.find()) {
            out.add(protocol(four.group(1)) + " " + four.group(2) + " to " + four.group(3));
        }
        Matcher six = SIX.matcher(rules);
        while (six.find()) {
            out.add(protocol(six.group(3)) + " [" + six.group(2) + "]:" + six.group(1));
        }
        return out;
    }

    private static String protocol(String number) {
        return number.equals("6") ? "tcp" : "udp";
    }
}
