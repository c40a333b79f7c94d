// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code karst:nat} says of the NAT for IPv4. Its lines are
 *
 * <pre>
 * ipv4 mapping=endpoint-independent filtering=address-dependent allocation=preserved hairpin=none …
 *   tcp mapping=… filtering=… allocation=…
 * </pre>
 *
 * @param allocation in Karst's words, see {@link #words}
 * @param tcp the same for TCP, if it says anything
 */
record KarstNat(
        Optional<Mapping> mapping,
        Optional<Filtering> filtering,
        String allocation,
        Optional<KarstNat> tcp) {

    private static final Pattern WORD = Pattern.compile("\\b(mapping|filtering|allocation)=(\\S+)");

    /** Empty if there is no such line. */
    static Optional<KarstNat> parse(String out) {
        Optional<KarstNat> udp = Optional.empty();
        Optional<KarstNat> tcp = Optional.empty();
        boolean six = false;
        for (String line : out.lines().map(String::strip).toList()) {
            String first = line.split(" ", 2)[0].toLowerCase(Locale.ROOT);
            six = first.equals("ipv6") || six && !first.equals("ipv4");
            if (six) {
                continue;
            }
            if (first.equals("tcp")) {
                tcp = tcp.or(() -> line(line));
            } else {
                udp = udp.or(() -> line(line));
            }
        }
        Optional<KarstNat> ofTcp = tcp;
        return udp.map(u -> new KarstNat(u.mapping, u.filtering, u.allocation, ofTcp));
    }

    private static Optional<KarstNat> line(String line) {
        Map<String, String> words = new HashMap<>();
        Matcher m = WORD.matcher(line);
        while (m.find()) {
            words.put(m.group(1), m.group(2).replaceAll("[,;]$", ""));
        }
        if (!words.containsKey("mapping")) {
            return Optional.empty();
        }
        return Optional.of(
                new KarstNat(
                        mapping(words.get("mapping")),
                        filtering(words.getOrDefault("filtering", "")),
                        words.getOrDefault("allocation", "?"),
                        Optional.empty()));
    }

    /** What Karst would call that allocation. */
    static String words(Allocation allocation) {
        String step = String.format("(%+d)", allocation.step());
        return switch (allocation.way()) {
            case PRESERVE, STEAL -> "preserved";
            case RANDOM, RANGE, PARITY -> "random";
            case SEQUENTIAL, COMMON -> "independent-step" + step;
            case DISTANCE -> "preserving-distance";
            case DEPENDENT -> "dependent-step" + step;
        };
    }

    private static Optional<Mapping> mapping(String word) {
        for (Mapping m : Mapping.values()) {
            if (m.word.equalsIgnoreCase(word) || m.name().equals(upper(word))) {
                return Optional.of(m);
            }
        }
        return Optional.empty();
    }

    private static Optional<Filtering> filtering(String word) {
        for (Filtering f : Filtering.values()) {
            if (f.word.equalsIgnoreCase(word) || f.name().equals(upper(word))) {
                return Optional.of(f);
            }
        }
        return Optional.empty();
    }

    private static String upper(String word) {
        return word.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
