// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Routers by name, and the lists that the checks go through. */
final class Catalog {

    private static final Map<String, String> NAMED = new LinkedHashMap<>();

    static {
        NAMED.put("home", "eim,apdf,preserve");
        NAMED.put("home-rst", "eim,apdf,preserve,rst");
        NAMED.put("home-stack", "eim,apdf,preserve,stack");
        NAMED.put("open-cone", "eim,eif,preserve,hairpin");
        NAMED.put("cone", "eim,adf,preserve,hairpin");
        NAMED.put("cgn", "eim,eif,range,hairpin");
        NAMED.put("cgn-strict", "apdm,apdf,random");
        NAMED.put("symmetric", "apdm,apdf,random");
        NAMED.put("symmetric-seq", "apdm,apdf,seq1");
        NAMED.put("office", "eim,apdf,preserve,no-udp,tcp-ports=80+443");
        NAMED.put("mobile", "apdm,apdf,random,udp=30");
    }

    /**
     * Every mapping, filtering and allocation that nftables can be, and what else a router does.
     */
    static final List<String> KERNEL =
            List.of(
                    "eim,eif,preserve",
                    "eim,adf,preserve",
                    "eim,apdf,preserve",
                    "eim,eif,random",
                    "eim,adf,random",
                    "eim,apdf,random",
                    "eim,eif,range",
                    "eim,apdf,seq1",
                    "eim,eif,seq2",
                    "adm,eif,random",
                    "adm,adf,random",
                    "adm,apdf,random",
                    "adm,apdf,seq1",
                    "apdm,eif,random",
                    "apdm,adf,random",
                    "apdm,apdf,random",
                    "apdm,apdf,range",
                    "apdm,apdf,seq1",
                    "apdm,apdf,seq-3",
                    "apdm,apdf,cseq2",
                    "eim,eif,preserve,hairpin",
                    "eim,adf,preserve,hairpin,icmp",
                    "eim,apdf,random,hairpin,rst",
                    "apdm,apdf,random,hairpin,prohibited");

    /** The same model as the simulator's, on real packets. */
    static final List<String> USERSPACE =
            List.of(
                    "user,eim,eif,preserve",
                    "user,eim,adf,random",
                    "user,eim,apdf,preserve,hairpin",
                    "user,adm,eif,random",
                    "user,adm,adf,random",
                    "user,apdm,apdf,random",
                    "user,apdm,apdf,seq1",
                    "user,eim,apdf,seq-2",
                    "user,apdm,eif,seq3",
                    "adm,apdf,preserve",
                    "apdm,apdf,preserve",
                    "apdm,apdf,preserve,share",
                    "apdm,apdf,random,overload",
                    "eim,apdf,parity",
                    "eim,apdf,steal",
                    "eim,apdf,distance",
                    "eim,apdf,dep2",
                    "eim,eif,dep1",
                    "eim,eif,preserve,hairpin-inside",
                    "eim,apdf,preserve,outbound-refresh",
                    "eim,apdf,random,quota=64,rst",
                    "user,eim,eif,range,icmp");

    private Catalog() {}

    static Optional<String> words(String name) {
        return Optional.ofNullable(NAMED.get(name));
    }

    static Map<String, String> named() {
        return NAMED;
    }

    static List<String> all() {
        return Stream.concat(KERNEL.stream(), USERSPACE.stream()).toList();
    }
}
