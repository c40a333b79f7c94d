// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a node of the connection matrix is behind. All but {@link #V6} are without IPv6, which would
 * connect everybody with everybody.
 */
enum MatrixKind {
    NONE("none", "open", Filter.OPEN, true, true, true),
    EIF("eif", "eim,eif,range", Filter.OPEN, true, true, false),
    ADF("adf", "eim,adf,random", Filter.ADDRESS, true, true, false),
    APDF("apdf", "eim,apdf,random", Filter.PORT, true, true, false),
    /** As Linux does it: endpoint independent, address and port dependent, ports preserved. */
    MASQUERADE("masquerade", "home", Filter.PORT, true, true, true),
    SEQUENTIAL("sequential", "symmetric-seq", Filter.PORT, false, true, false),
    RANDOM("random", "symmetric", Filter.PORT, false, true, false),
    /** A home router whose provider translates once more: two in a row. */
    CGNAT("cgnat", "home", Filter.PORT, true, true, false),
    NO_UDP("noudp", "home,no-udp", Filter.PORT, true, false, true),
    RST("rst", "home-rst", Filter.PORT, true, true, true),
    /** IPv6 behind a firewall, as on a mobile phone: its IPv4 is of no use. */
    V6("v6", "symmetric", Filter.PORT, false, true, false);

    private enum Filter {
        OPEN,
        ADDRESS,
        PORT
    }

    final String word;
    private final String router;
    private final Filter filter;
    private final boolean independent;
    private final boolean udp;
    private final boolean samePort;

    MatrixKind(
            String word,
            String router,
            Filter filter,
            boolean independent,
            boolean udp,
            boolean samePort) {
        this.word = word;
        this.router = router;
        this.filter = filter;
        this.independent = independent;
        this.udp = udp;
        this.samePort = samePort;
    }

    static Optional<MatrixKind> of(String word) {
        return Arrays.stream(values()).filter(k -> k.word.equals(word)).findFirst();
    }

    /** The name of its site on that side; names of sites are short. */
    String site(String side) {
        return side + (char) ('a' + ordinal());
    }

    /** The sites of one of them, with a delay to everybody, in ms. */
    List<String> sites(String name, int delay) {
        String link = ",delay=" + delay;
        return this == CGNAT
                ? List.of(name + "p=cgn,hosts=0", name + "=" + router + link + "@" + name + "p")
                : List.of(name + "=" + router + link);
    }

    /** The host of the site of that name. */
    String host(String site) {
        return this == NONE ? site : site + "1";
    }

    String device() {
        return this == NONE ? "wan" : "eth0";
    }

    boolean six() {
        return this == V6;
    }

    /**
     * Whether the two can meet without a relay and without guessing ports, by RFC 4787: both keep
     * one port for everybody, or one does and lets in who comes from the right address. Without UDP
     * it takes a side that can be dialed, or TCP ports known in advance on both.
     */
    static boolean direct(MatrixKind a, MatrixKind b) {
        if (a == NONE || b == NONE || a == V6 && b == V6) {
            return true;
        }
        if (a.udp && b.udp) {
            return a.independent && b.independent || a.meets() || b.meets();
        }
        return a.samePort && b.samePort;
    }

    private boolean meets() {
        return independent && filter != Filter.PORT;
    }
}
