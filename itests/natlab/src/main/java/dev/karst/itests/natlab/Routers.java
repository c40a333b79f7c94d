// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** Troubles for the routers of a lab that is up. */
final class Routers {

    private Routers() {}

    /** The router forgets everything: the rules anew, and no connection known. */
    static void reboot(Lab lab, String name) {
        Site site = lab.plan().site(name);
        RouterKind kind = site.kind().orElseThrow(() -> new LabException(name + " is no router"));
        if (kind.userspace()) {
            order(lab, name);
            return;
        }
        Sh.must(
                NftRules.nat(kind, lab.plan().wan(site), lab.plan().inside(site)),
                Sh.in(lab.ns(name), "sh", "-c", "nft -f - && conntrack -F 2>/dev/null"));
    }

    /** The helper process takes the file away when it is done. */
    private static void order(Lab lab, String name) {
        Path order = orders(lab).resolve(name);
        try {
            Files.createFile(order);
        } catch (IOException e) {
            throw new LabException("cannot write " + order + ": " + e.getMessage(), e);
        }
        for (int i = 0; Files.exists(order); i++) {
            if (i == 1000) {
                throw new LabException("the helper process does not obey");
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    static Path orders(Lab lab) {
        return lab.folder().resolve("reboot");
    }

    /** The uplink of a site loses every packet, until {@link #heal}; nobody is told. */
    static void cut(Lab lab, String name) {
        Site site = lab.plan().site(name);
        String device = "w-" + name;
        Sh.must(
                """
                add table inet cut_%1$s
                add chain inet cut_%1$s pre { type filter hook prerouting priority raw; }
                add chain inet cut_%1$s post { type filter hook postrouting priority raw; }
                flush table inet cut_%1$s
                add rule inet cut_%1$s pre iifname "%2$s" drop
                add rule inet cut_%1$s post oifname "%2$s" drop
                """
                        .formatted(name, device),
                Sh.in(lab.plan().up(site), "nft", "-f", "-"));
    }

    static void heal(Lab lab, String name) {
        Site site = lab.plan().site(name);
        String table = "table inet cut_" + name;
        Sh.must(
                "add " + table + "\ndelete " + table + "\n",
                Sh.in(lab.plan().up(site), "nft", "-f", "-"));
    }
}
