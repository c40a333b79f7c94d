// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What somebody saw of a router, and whether that is what it was to be.
 *
 * @param right mapping and filtering, and all else that was looked at
 * @param ports how external ports are picked
 */
record Verdict(boolean right, boolean ports, String seen) {

    static final Verdict NONE = new Verdict(false, false, "-");

    static Verdict of(RouterKind wanted, Probe.Result seen, Knock.Result knock) {
        List<String> wrong = new ArrayList<>();
        String allocation = Probe.allocation(seen.ports(), seen.inRow());
        String both = mapping(seen.mapping()) + "," + filtering(seen.filtering());
        String tcp = mapping(seen.tcpMapping()) + "," + filtering(seen.tcpFiltering());
        String want = wanted.seenMapping().word + "," + wanted.filtering().word;
        check(wrong, "udp", wanted.udpBlocked() ? "?,?" : want, both);
        if (wanted.tcpPorts().isEmpty()) {
            check(wrong, "tcp", want, tcp);
        }
        if (!wanted.udpBlocked()) {
            check(wrong, "ports", allocation(wanted), allocation);
            Probe.Hairpin hairpin =
                    wanted.hairpinInside()
                            ? Probe.Hairpin.INSIDE
                            : wanted.hairpin() && pairs(wanted)
                                    ? Probe.Hairpin.EXTERNAL
                                    : Probe.Hairpin.NO;
            check(wrong, "hairpin", hairpin, seen.hairpin());
        }
        check(wrong, "unsolicited", Knock.expected(wanted.unsolicited()), knock);
        return new Verdict(
                wrong.isEmpty(),
                wrong.isEmpty(),
                wrong.isEmpty() ? both + "," + allocation : "WRONG " + String.join("; ", wrong));
    }

    /**
     * Where a port depends on the destination, two sockets never find each other's through a filter
     * on ports.
     */
    private static boolean pairs(RouterKind wanted) {
        return wanted.seenMapping() == Mapping.ENDPOINT_INDEPENDENT
                || wanted.filtering() != Filtering.ADDRESS_AND_PORT_DEPENDENT;
    }

    /** What the ports of fresh sockets towards one place look like. */
    private static String allocation(RouterKind wanted) {
        return switch (wanted.allocation().way()) {
            case STEAL -> "preserve";
            case COMMON -> "seq" + wanted.allocation().step();
            default -> wanted.allocation().toString();
        };
    }

    private static void check(List<String> wrong, String what, Object wanted, Object seen) {
        if (!wanted.equals(seen)) {
            wrong.add(what + " " + seen);
        }
    }

    static Verdict of(RouterKind wanted, Coturn.Said said) {
        boolean right =
                said.mapping().equals(Optional.of(wanted.seenMapping()))
                        && said.filtering().equals(Optional.of(wanted.filtering()));
        return new Verdict(
                right,
                false,
                mapping(said.mapping()) + "," + filtering(said.filtering()) + (right ? "" : " !"));
    }

    /**
     * Mapping and filtering have to be right; ports are shown, with ~ if Karst calls them something
     * else.
     */
    static Verdict of(RouterKind wanted, Sh.Done said) {
        Optional<KarstNat> nat = KarstNat.parse(said.out());
        if (nat.isEmpty()) {
            return new Verdict(
                    false, false, "! " + said.out().strip().lines().findFirst().orElse("silence"));
        }
        KarstNat seen = nat.get();
        boolean right =
                seen.mapping().equals(Optional.of(wanted.seenMapping()))
                        && seen.filtering().equals(Optional.of(wanted.filtering()));
        boolean ports = seen.allocation().equals(KarstNat.words(wanted.allocation()));
        return new Verdict(
                right,
                ports,
                mapping(seen.mapping())
                        + ","
                        + filtering(seen.filtering())
                        + ","
                        + (ports ? "" : "~")
                        + seen.allocation()
                        + (right ? "" : " !"));
    }

    private static String mapping(Optional<Mapping> m) {
        return m.map(x -> x.word).orElse("?");
    }

    private static String filtering(Optional<Filtering> f) {
        return f.map(x -> x.word).orElse("?");
    }

    @Override
    public String toString() {
        return seen;
    }
}
