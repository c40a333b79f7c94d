// SPDX-License-Identifier: Apache-2.0
package dev.karst.admin;

/**
 * One provider, exactly: text form {@code kind/name#generation}.
 *
 * @param kind {@code net}, {@code transport}, {@code crypto} …
 * @param name the provider's own name, such as {@code tcp}
 * @param generation counts the providers of a kind as they come; never used twice while core lives
 */
public record ProviderRef(String kind, String name, long generation) {
    /**
     * Parses {@link #toString()}.
     *
     * @throws IllegalArgumentException if the text has another form
     */
    public static ProviderRef parse(String text) {
        int slash = text.indexOf('/');
        int hash = text.lastIndexOf('#');
        try {
            if (slash > 0 && hash > slash + 1) {
                return new ProviderRef(
                        text.substring(0, slash),
                        text.substring(slash + 1, hash),
                        Long.parseLong(text.substring(hash + 1)));
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException("kind/name#generation expected, as in crypto/jca#3");
    }

    @Override
    public String toString() {
        return kind + "/" + name + "#" + generation;
    }
}
