// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code karst:nat} says of the NAT, from a line with {@code mapping=… filtering=…
 * allocation=…} in it; mapping and filtering in the words of RFC 4787, in full or short.
 */
record KarstNat(Optional<Mapping> mapping, Optional<Filtering> filtering, String allocation) {

    private static final Pattern WORD = Pattern.compile("\\b(mapping|filtering|allocation)=(\\S+)");

    static Optional<KarstNat> parse(String out) {
        Map<String, String> words = new LinkedHashMap<>();
        Matcher m = WORD.matcher(out);
        while (m.find()) {
            words.putIfAbsent(m.group(1), m.group(2).replaceAll("[,;]$", ""));
        }
        if (!words.containsKey("mapping")) {
            return Optional.empty();
        }
        return Optional.of(
                new KarstNat(
                        mapping(words.get("mapping")),
                        filtering(words.getOrDefault("filtering", "")),
                        words.getOrDefault("allocation", "?")));
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
