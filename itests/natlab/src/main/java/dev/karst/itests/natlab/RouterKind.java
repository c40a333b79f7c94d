// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a router behaves. Written as words with commas: {@code eim,apdf,preserve,hairpin,rst,udp=30}.
 *
 * @param userspace whether the box of the lab's helper process does it, not the kernel
 * @param udp how long a mapping lives without traffic; for TCP {@code tcp}
 * @param outboundRefresh inbound packets do not keep a mapping alive; userspace only
 * @param hairpinInside hairpinned packets keep the inside source address; userspace only
 * @param sharing who may have one external port at the same time; userspace only
 * @param quota mappings per inside host, 0 for no limit; userspace only
 * @param udpBlocked no UDP leaves
 * @param tcpPorts the only destination ports that TCP may leave to; empty for all
 */
public record RouterKind(
        boolean userspace,
        Mapping mapping,
        Filtering filtering,
        Allocation allocation,
        boolean hairpin,
        boolean hairpinInside,
        Unsolicited unsolicited,
        Duration udp,
        Duration tcp,
        boolean outboundRefresh,
        Sharing sharing,
        int quota,
        boolean udpBlocked,
        List<Integer> tcpPorts,
        boolean ipv6Open) {

    static final String WORDS =
            """
            mapping      eim adm apdm                        (RFC 4787: endpoint independent, address (and port) dependent)
            filtering    eif adf apdf
            allocation   preserve random range seqN cseqN; userspace: parity steal distance depN   (N may be negative)
            ports        userspace: exclusive share overload          (towards different destinations)
            hairpin      hairpin; userspace: hairpin-inside
            unsolicited  drop rst icmp prohibited stack
            timeouts     udp=SECONDS tcp=SECONDS; userspace: outbound-refresh
            limits       no-udp tcp-ports=80+443; userspace: quota=N
            IPv6         v6open                              (else a stateful firewall; never NAT)
            engine       user                                (the userspace box even where the kernel could do it)
            """;

    /** Reads words, or a name of {@link Catalog}, which more words may follow. */
    static RouterKind parse(String text) {
        String words = text;
        int comma = text.indexOf(',');
        String first = comma < 0 ? text : text.substring(0, comma);
        Optional<String> named = Catalog.words(first);
        if (named.isPresent()) {
            words = named.get() + (comma < 0 ? "" : text.substring(comma));
        }
        RouterWords read = new RouterWords();
        for (String word : words.split(",")) {
            if (!read.take(word.strip())) {
                throw new LabException(
                        "'"
                                + word
                                + "' of '"
                                + text
                                + "' is no word for a router; words are\n"
                                + WORDS);
            }
        }
        return read.kind();
    }

    /** Why nftables cannot be this router; empty if it can. */
    List<String> beyondKernel() {
        List<String> why = new ArrayList<>();
        if (allocation.way().ordinal() >= Allocation.Way.PARITY.ordinal()) {
            why.add("allocation " + allocation);
        }
        if (allocation.way() == Allocation.Way.PRESERVE
                && mapping != Mapping.ENDPOINT_INDEPENDENT) {
            why.add("port preserving without endpoint independence");
        }
        if (outboundRefresh) {
            why.add("refresh by outbound packets only");
        }
        if (hairpinInside) {
            why.add("hairpin with the inside source");
        }
        if (sharing != Sharing.NONE) {
            why.add("sharing of ports on purpose");
        }
        if (quota > 0) {
            why.add("a quota");
        }
        return why;
    }

    /**
     * The mapping as it looks from one host: with shared, preserved ports every destination sees
     * the same one.
     */
    Mapping seenMapping() {
        boolean same = sharing != Sharing.NONE && allocation.way() == Allocation.Way.PRESERVE;
        return same ? Mapping.ENDPOINT_INDEPENDENT : mapping;
    }

    /** The words again, the ones that differ from the usual. */
    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        if (userspace && beyondKernel().isEmpty()) {
            words.add("user");
        }
        words.add(mapping.word);
        words.add(filtering.word);
        words.add(allocation.toString());
        if (hairpinInside) {
            words.add("hairpin-inside");
        } else if (hairpin) {
            words.add("hairpin");
        }
        if (unsolicited != Unsolicited.DROP) {
            words.add(unsolicited.word);
        }
        if (!udp.equals(RouterWords.UDP)) {
            words.add("udp=" + udp.toSeconds());
        }
        if (!tcp.equals(RouterWords.TCP)) {
            words.add("tcp=" + tcp.toSeconds());
        }
        if (outboundRefresh) {
            words.add("outbound-refresh");
        }
        if (sharing != Sharing.NONE) {
            words.add(sharing.word);
        }
        if (quota > 0) {
            words.add("quota=" + quota);
        }
        if (udpBlocked) {
            words.add("no-udp");
        }
        if (!tcpPorts.isEmpty()) {
            words.add(
                    "tcp-ports="
                            + String.join("+", tcpPorts.stream().map(String::valueOf).toList()));
        }
        if (ipv6Open) {
            words.add("v6open");
        }
        return String.join(",", words);
    }
}
