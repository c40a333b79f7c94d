// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.noise;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whether this machine's processor does AES-GCM, so that the JDK does it at gigabytes a second
 * instead of tens of megabytes. Asks the processor's flags, since a short measurement would mostly
 * measure code that is not compiled yet.
 */
public final class AesHardware {
    private static final Set<String> WITH_AES = Set.of("amd64", "x86_64", "aarch64", "arm64");
    private static final int LINES = 200;

    private AesHardware() {}

    /** Reads {@code /proc/cpuinfo} where there is one, else judges by the architecture. */
    public static boolean present() {
        String architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        Path flags = Path.of("/proc/cpuinfo");
        if (Files.isReadable(flags)) {
            try (BufferedReader in = Files.newBufferedReader(flags, StandardCharsets.ISO_8859_1)) {
                return present(architecture, in.lines().limit(LINES).toList());
            } catch (IOException | java.io.UncheckedIOException e) {
                return present(architecture, List.of());
            }
        }
        return present(architecture, List.of());
    }

    /** The flags of the first processor count: AES and the multiplication of GCM. */
    static boolean present(String architecture, List<String> cpuinfo) {
        if (!WITH_AES.contains(architecture)) {
            return false; // the JDK has fast AES-GCM elsewhere too (ppc64le), but not for certain
        }
        for (String line : cpuinfo) {
            String name = line.split(":", 2)[0].trim();
            if (name.equals("flags") || name.equals("Features")) {
                List<String> flags =
                        List.of(line.substring(line.indexOf(58) + 1).trim().split(" +"));
                return flags.contains("aes")
                        && (flags.contains("pclmulqdq") || flags.contains("pmull"));
            }
        }
        return true; // other systems run on nothing older than 2010
    }
}
