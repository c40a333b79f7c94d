// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Collects the words of a {@link RouterKind}; a later word overrules an earlier one. */
final class RouterWords {

    static final Duration UDP = Duration.ofSeconds(120);
    static final Duration TCP = Duration.ofSeconds(7440);

    private boolean user;
    private Mapping mapping = Mapping.ENDPOINT_INDEPENDENT;
    private Filtering filtering = Filtering.ADDRESS_AND_PORT_DEPENDENT;
    private Allocation allocation = Allocation.of(Allocation.Way.PRESERVE);
    private boolean hairpin;
    private boolean hairpinInside;
    private Unsolicited unsolicited = Unsolicited.DROP;
    private Duration udp = UDP;
    private Duration tcp = TCP;
    private boolean outboundRefresh;
    private Sharing sharing = Sharing.NONE;
    private int quota;
    private boolean udpBlocked;
    private List<Integer> tcpPorts = List.of();
    private boolean ipv6Open;

    /** False if there is no such word. */
    boolean take(String word) {
        try {
            return flag(word) || value(word) || behaviour(word);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private boolean flag(String word) {
        switch (word) {
            case "user" -> user = true;
            case "hairpin" -> hairpin = true;
            case "hairpin-inside" -> hairpinInside = hairpin = true;
            case "outbound-refresh" -> outboundRefresh = true;
            case "no-udp" -> udpBlocked = true;
            case "v6open" -> ipv6Open = true;
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean value(String word) {
        int eq = word.indexOf('=');
        if (eq < 0) {
            return false;
        }
        String value = word.substring(eq + 1);
        switch (word.substring(0, eq)) {
            case "udp" -> udp = seconds(value);
            case "tcp" -> tcp = seconds(value);
            case "quota" -> quota = Integer.parseInt(value);
            case "tcp-ports" ->
                    tcpPorts = Stream.of(value.split("\\+")).map(Integer::valueOf).toList();
            default -> {
                return false;
            }
        }
        return quota >= 0
                && !udp.isZero()
                && !tcp.isZero()
                && tcpPorts.stream().allMatch(p -> p > 0 && p < 65536);
    }

    private static Duration seconds(String text) {
        return Duration.ofSeconds(Math.max(0, Integer.parseInt(text)));
    }

    private boolean behaviour(String word) {
        for (Mapping m : Mapping.values()) {
            if (m.word.equals(word)) {
                mapping = m;
                return true;
            }
        }
        for (Filtering f : Filtering.values()) {
            if (f.word.equals(word)) {
                filtering = f;
                return true;
            }
        }
        for (Sharing who : Sharing.values()) {
            if (who.word.equals(word)) {
                sharing = who;
                return true;
            }
        }
        for (Unsolicited u : Unsolicited.values()) {
            if (u.word.equals(word)) {
                unsolicited = u;
                return true;
            }
        }
        for (Allocation.Way way : Allocation.Way.values()) {
            boolean stepped = new Allocation(way, 0).stepped();
            if (stepped && word.startsWith(way.word)) {
                int step = Integer.parseInt(word.substring(way.word.length()));
                allocation = new Allocation(way, step);
                return step != 0 && Math.abs(step) <= 64;
            }
            if (way.word.equals(word)) {
                allocation = Allocation.of(way);
                return true;
            }
        }
        return false;
    }

    RouterKind kind() {
        RouterKind asked = with(user);
        RouterKind kind = user || asked.beyondKernel().isEmpty() ? asked : with(true);
        if (kind.userspace() && allocation.way() == Allocation.Way.COMMON) {
            throw new LabException(allocation + " is for kernel routers; '" + kind + "' is none");
        }
        return kind;
    }

    private RouterKind with(boolean userspace) {
        return new RouterKind(
                userspace,
                mapping,
                filtering,
                allocation,
                hairpin,
                hairpinInside,
                unsolicited,
                udp,
                tcp,
                outboundRefresh,
                sharing,
                quota,
                udpBlocked,
                tcpPorts,
                ipv6Open);
    }
}
