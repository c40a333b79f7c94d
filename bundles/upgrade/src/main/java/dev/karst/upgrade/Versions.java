// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Maven writes {@code 1.2-SNAPSHOT} where OSGi writes {@code 1.2.0.SNAPSHOT}. */
final class Versions {
    private static final Pattern VERSION =
            Pattern.compile("(\\d{1,9})(?:\\.(\\d{1,9}))?(?:\\.(\\d{1,9}))?(?:[.-](.+))?");

    private Versions() {}

    /** As OSGi writes it; what is no version stays. */
    static String osgi(String version) {
        Matcher m = VERSION.matcher(version);
        if (!m.matches()) {
            return version;
        }
        String three = m.group(1) + "." + or0(m.group(2)) + "." + or0(m.group(3));
        return m.group(4) == null
                ? three
                : three + "." + m.group(4).replaceAll("[^A-Za-z0-9_-]", "_");
    }

    private static String or0(String part) {
        return part == null ? "0" : part;
    }

    static boolean same(String a, String b) {
        return osgi(a).equals(osgi(b));
    }

    static boolean isUrl(String text) {
        return text.matches("[a-z][a-z0-9+.-]*:.+");
    }

    /**
     * The same Maven coordinates in another version: {@code mvn:group/artifact/VERSION[/…]}.
     *
     * @return null where the location is no such one
     */
    static String sibling(String location, String version) {
        if (!location.startsWith("mvn:")) {
            return null;
        }
        String[] parts = location.substring(4).split("/", 4);
        if (parts.length < 3) {
            return null;
        }
        String rest = parts.length == 4 ? "/" + parts[3] : "";
        return "mvn:" + parts[0] + "/" + parts[1] + "/" + version + rest;
    }
}
