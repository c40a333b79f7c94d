// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt;

import dev.karst.PeerId;

/** Topic names and filters (MQTT 3.1.1 section 4.7), and the topics that Karst uses. */
public final class Topics {
    /** Everything of Karst lies below. */
    public static final String ROOT = "karst/";

    /** Signals to the peer named by the last level; never retained. */
    public static final String SIGNAL = ROOT + "1/signal/";

    /** The signed record of the peer named by the last level; retained. */
    public static final String PEER = ROOT + "1/peer/";

    /** Longest topic or filter that is let in, in characters. */
    public static final int MAX_LENGTH = 256;

    private static final int MAX_LEVELS = 16;

    private Topics() {}

    public static String signal(PeerId to) {
        return SIGNAL + to;
    }

    public static String peer(PeerId of) {
        return PEER + of;
    }

    /** Whether a message may be published under that name, within our limits. */
    public static boolean validName(String topic) {
        return sane(topic) && topic.indexOf('+') < 0 && topic.indexOf('#') < 0;
    }

    /** Whether it is a filter: wildcards fill whole levels and {@code #} is the last. */
    public static boolean validFilter(String filter) {
        if (!sane(filter)) {
            return false;
        }
        String[] levels = filter.split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            String level = levels[i];
            boolean wild = level.indexOf('+') >= 0 || level.indexOf('#') >= 0;
            if (wild && (level.length() > 1 || level.equals("#") && i < levels.length - 1)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sane(String s) {
        return !s.isEmpty()
                && s.length() <= MAX_LENGTH
                && s.indexOf('\0') < 0
                && s.chars().filter(c -> c == '/').count() < MAX_LEVELS;
    }

    public static boolean wild(String filter) {
        return filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
    }

    /** Whether a valid filter takes in a valid name. */
    public static boolean matches(String filter, String topic) {
        if (!wild(filter)) {
            return filter.equals(topic);
        }
        if (topic.startsWith("$") && !filter.startsWith("$")) {
            return false; // section 4.7.2: the broker's own topics are not for wildcards
        }
        int f = 0;
        int t = 0;
        while (true) {
            int fEnd = end(filter, f);
            if (fEnd - f == 1 && filter.charAt(f) == '#') {
                return true;
            }
            int tEnd = end(topic, t);
            boolean plus = fEnd - f == 1 && filter.charAt(f) == '+';
            if (!plus && (fEnd - f != tEnd - t || !filter.regionMatches(f, topic, t, tEnd - t))) {
                return false;
            }
            boolean fLast = fEnd == filter.length();
            boolean tLast = tEnd == topic.length();
            if (tLast) {
                // "a/#" also takes in its parent "a"
                return fLast || filter.length() - fEnd == 2 && filter.endsWith("/#");
            }
            if (fLast) {
                return false;
            }
            f = fEnd + 1;
            t = tEnd + 1;
        }
    }

    private static int end(String s, int from) {
        int slash = s.indexOf('/', from);
        return slash < 0 ? s.length() : slash;
    }
}
