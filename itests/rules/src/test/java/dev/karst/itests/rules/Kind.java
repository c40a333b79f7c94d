// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.rules;

import java.util.Set;

/** What a bundle or package is, by its name. */
enum Kind {
    API,
    SPI,
    CORE,
    LIB,
    /** A third-party library without its optional imports. */
    DEP,
    PROVIDER,
    SERVER,
    /** Gateways, shell, console: users of the API. */
    USER;

    private static final Set<String> PROVIDER_KINDS =
            Set.of(
                    "net",
                    "transport",
                    "crypto",
                    "nat",
                    "portmap",
                    "traversal",
                    "relay",
                    "signaling",
                    "directory");
    private static final Set<String> API_PACKAGES = Set.of("admin", "tunnel");

    /** The kind of a symbolic name or of a package. */
    static Kind of(String name) {
        if (name.equals("dev.karst")) {
            return API;
        }
        if (!name.startsWith("dev.karst.")) {
            throw new IllegalArgumentException("not ours: " + name);
        }
        String part = name.split("\\.")[2];
        if (API_PACKAGES.contains(part)) {
            return API;
        }
        if (PROVIDER_KINDS.contains(part)) {
            return PROVIDER;
        }
        return switch (part) {
            case "spi" -> SPI;
            case "core" -> CORE;
            case "lib" -> LIB;
            case "dep" -> DEP;
            case "server" -> SERVER;
            default -> USER;
        };
    }

    /** Whether a bundle of this kind may use a package of that kind; its own packages aside. */
    boolean mayUse(Kind other) {
        return switch (this) {
            case API -> other == API;
            case SPI -> other == API || other == SPI;
            case CORE, PROVIDER, SERVER, LIB, USER -> other == API || other == SPI || other == LIB;
            case DEP -> false;
        };
    }
}
