// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place on the lab's internet: a router with hosts behind it, or one host with a public address.
 *
 * @param text as it was asked for
 * @param number from 1, in the order they were asked for; addresses follow from it
 * @param kind absent for a host with a public address
 * @param firewall of such a host: lets in only answers
 * @param parent the router (a CGNAT) that this one is a subscriber of
 */
record Site(
        String text,
        int number,
        String name,
        Optional<RouterKind> kind,
        boolean firewall,
        int hosts,
        LinkQuality link,
        Optional<String> parent) {

    private static final Pattern SHAPE =
            Pattern.compile("([a-z][a-z0-9]{0,7})=([^@\\s]+)(?:@([a-z][a-z0-9]{0,7}))?");

    static final String SHAPE_HELP =
            """
            NAME=KIND[,WORD…][@PARENT]   a router; KIND is a name of `natlab kinds` or the first word of a router
            NAME=open | NAME=firewall    a host with a public address: all comes in, or only answers
            more words                   hosts=N (1)  delay=MS jitter=MS loss=PERCENT rate=MBITS (of its uplink)
            """;

    static Site parse(String text, int number) {
        Matcher m = SHAPE.matcher(text);
        if (!m.matches()) {
            throw new LabException("'" + text + "' is no site; it would be\n" + SHAPE_HELP);
        }
        LinkQuality link = LinkQuality.PERFECT;
        int hosts = 1;
        List<String> words = new ArrayList<>();
        for (String word : m.group(2).split(",")) {
            int eq = word.indexOf('=');
            String key = eq < 0 ? "" : word.substring(0, eq);
            switch (key) {
                case "hosts" -> hosts = (int) number(word, word.substring(eq + 1));
                case "delay", "jitter", "loss", "rate" ->
                        link = link.with(key, number(word, word.substring(eq + 1)));
                default -> words.add(word);
            }
        }
        if (hosts < 0 || hosts > 99) {
            throw new LabException("a site has 0 to 99 hosts, not " + hosts);
        }
        Optional<String> parent = Optional.ofNullable(m.group(3));
        String name = m.group(1);
        if (words.equals(List.of("open")) || words.equals(List.of("firewall"))) {
            boolean firewall = words.get(0).equals("firewall");
            return new Site(text, number, name, Optional.empty(), firewall, 0, link, parent);
        }
        RouterKind kind = RouterKind.parse(String.join(",", words));
        return new Site(text, number, name, Optional.of(kind), false, hosts, link, parent);
    }

    private static double number(String word, String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new LabException("'" + word + "' needs a number");
        }
    }

    /** Whether its uplink runs through the helper process. */
    boolean helped() {
        return !link.perfect() || userspace();
    }

    boolean userspace() {
        return kind.map(RouterKind::userspace).orElse(false);
    }

    boolean router() {
        return kind.isPresent();
    }

    String host(int n) {
        return name + n;
    }

    /** The network of its hosts, without the last number. */
    String lan() {
        return "192.168." + number;
    }

    String lan6() {
        return "2001:db8:" + Integer.toHexString(number) + "::";
    }
}
