// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import java.nio.file.Path;

/** The command line. {@code server}: only the embedded servers, no node. */
record Arguments(Path base, boolean server) {

    static Arguments parse(String[] args) {
        Path base = Path.of(System.getProperty("user.home"), ".karst");
        boolean server = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--server" -> server = true;
                case "--base" -> {
                    if (++i == args.length) {
                        throw new IllegalArgumentException("--base needs a directory");
                    }
                    base = Path.of(args[i]);
                }
                default -> throw new IllegalArgumentException("unknown option " + args[i]);
            }
        }
        return new Arguments(base.toAbsolutePath().normalize(), server);
    }
}
