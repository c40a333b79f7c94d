// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An XML element as far as UPnP needs it. Names are compared without case: routers vary. */
final class Element {
    private final String name;
    private final StringBuilder text = new StringBuilder();
    private final List<Element> children = new ArrayList<>();

    Element(String name) {
        this.name = name;
    }

    void add(Element child) {
        children.add(child);
    }

    void append(char[] chars, int start, int length) {
        text.append(chars, start, length);
    }

    boolean named(String other) {
        return name.equalsIgnoreCase(other);
    }

    /** Its own text, without blanks around. */
    String text() {
        return text.toString().trim();
    }

    /** The text of its first child of that name; empty if there is none. */
    String textOf(String child) {
        for (Element e : children) {
            if (e.named(child)) {
                return e.text();
            }
        }
        return "";
    }

    /** Itself or the first below it of that name, at any depth. */
    Optional<Element> find(String wanted) {
        List<Element> all = all(wanted);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(0));
    }

    /** All of that name at any depth, in the order of the document. */
    List<Element> all(String wanted) {
        List<Element> out = new ArrayList<>();
        collect(wanted, out);
        return out;
    }

    private void collect(String wanted, List<Element> out) {
        if (named(wanted)) {
            out.add(this);
        }
        children.forEach(c -> c.collect(wanted, out));
    }
}
