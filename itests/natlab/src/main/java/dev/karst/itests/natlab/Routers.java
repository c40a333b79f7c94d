// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

/** Changes routers of a lab that is up. */
final class Routers {

    private Routers() {}

    /** The router forgets everything: the rules anew, and no connection known. */
    static void reboot(Lab lab, String name) {
        Site site = lab.plan().site(name);
        RouterKind kind = site.kind().orElseThrow(() -> new LabException(name + " is no router"));
        if (kind.userspace()) {
            throw new LabException("only kernel routers reboot; " + name + " is a userspace box");
        }
        NetNs ns = lab.ns(name);
        Sh.must(
                NftRules.nat(kind, lab.plan().wan(site), lab.plan().inside(site)),
                Sh.in(ns, "sh", "-c", "nft -f - && conntrack -F 2>/dev/null"));
    }
}
