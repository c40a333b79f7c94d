// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Who is where, with addresses that follow from the order alone: a lab is known by the words it was
 * asked for with.
 */
record Plan(String prefix, String name, List<Site> sites) {

    /**
     * Unlike TEST-NET, these count as public with every program (miniupnpd refuses to work on
     * reserved ones).
     */
    static final String CORE = "45.0.0.1";

    static final String SERVER = "45.44.0.10";
    static final String SERVER2 = "45.44.0.11";
    static final String SERVER_6 = "2001:db8:ffff::10";
    static final String SERVER2_6 = "2001:db8:ffff::11";
    static final String CGNAT_NETWORK = "100.64.0.0/10";
    static final String CGNAT_GATEWAY = "100.64.0.1";

    static final String DEFAULT_PREFIX = "kn";

    static Plan parse(String prefix, String name, List<String> texts) {
        if (!prefix.matches("[a-z][a-z0-9]{0,7}") || !name.matches("[a-z0-9]{1,12}")) {
            throw new LabException(
                    "a prefix is up to 8, a name up to 12 lower-case letters and digits, not '"
                            + prefix
                            + "', '"
                            + name
                            + "'");
        }
        if (texts.size() > 200) {
            throw new LabException("a lab has up to 200 sites");
        }
        List<Site> sites = new ArrayList<>();
        Set<String> names = new HashSet<>(Set.of("inet", "s"));
        for (String text : texts) {
            Site site = Site.parse(text, sites.size() + 1);
            List<String> its = new ArrayList<>(List.of(site.name()));
            for (int i = 1; i <= site.hosts(); i++) {
                its.add(site.host(i));
            }
            for (String one : its) {
                if (!names.add(one)) {
                    throw new LabException("two would be called '" + one + "'");
                }
            }
            if (site.parent().isPresent()
                    && sites.stream()
                            .noneMatch(s -> s.router() && s.name().equals(site.parent().get()))) {
                throw new LabException(
                        "'" + text + "': no router '" + site.parent().get() + "' before it");
            }
            sites.add(site);
        }
        return new Plan(prefix, name, List.copyOf(sites));
    }

    NetNs ns(String who) {
        return new NetNs(prefix + "-" + name + "-" + who);
    }

    /** Where the uplink of the site ends. */
    NetNs up(Site site) {
        return ns(site.parent().orElse("inet"));
    }

    Site site(String name) {
        return sites.stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new LabException("no site '" + name + "' in lab " + this.name));
    }

    List<Site> children(String parent) {
        return sites.stream().filter(s -> s.parent().orElse("inet").equals(parent)).toList();
    }

    /** The address towards the internet, or towards the CGNAT. */
    String wan(Site site) {
        return site.parent()
                .map(p -> "100.64." + site(p).number() + "." + site.number())
                .orElse("45.45.0." + site.number());
    }

    String gateway(Site site) {
        return site.parent().isPresent() ? CGNAT_GATEWAY : CORE;
    }

    /** What the site's router translates. */
    String inside(Site site) {
        return children(site.name()).isEmpty() ? site.lan() + ".0/24" : CGNAT_NETWORK;
    }

    /** Every place that has a namespace of its own and may run programs of users. */
    List<String> hosts() {
        List<String> hosts = new ArrayList<>(List.of("s"));
        for (Site site : sites) {
            if (!site.router()) {
                hosts.add(site.name());
            }
            for (int i = 1; i <= site.hosts(); i++) {
                hosts.add(site.host(i));
            }
        }
        return hosts;
    }

    /** The IPv4 address that the host itself sees. */
    String address(String host) {
        if (host.equals("s")) {
            return SERVER;
        }
        for (Site site : sites) {
            if (!site.router() && site.name().equals(host)) {
                return wan(site);
            }
            for (int i = 1; i <= site.hosts(); i++) {
                if (site.host(i).equals(host)) {
                    return site.lan() + "." + (9 + i);
                }
            }
        }
        throw new LabException("no host '" + host + "' in lab " + name + "; there are " + hosts());
    }

    /** All namespaces, in the order they are made. */
    List<NetNs> namespaces() {
        List<NetNs> all = new ArrayList<>(List.of(ns("inet")));
        sites.stream().filter(Site::router).forEach(s -> all.add(ns(s.name())));
        hosts().forEach(h -> all.add(ns(h)));
        return all;
    }
}
