// SPDX-License-Identifier: Apache-2.0
package dev.karst.distribution.lite;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.LogManager;

/** Sends java.util.logging, where {@code System.Logger} and SLF4J end here, to a rotated file. */
final class Logging {

    private Logging() {}

    static void toFile(Path folder) throws IOException {
        String settings =
                """
                handlers=java.util.logging.FileHandler
                .level=INFO
                java.util.logging.FileHandler.pattern=%s
                java.util.logging.FileHandler.limit=8000000
                java.util.logging.FileHandler.count=3
                java.util.logging.FileHandler.append=true
                java.util.logging.FileHandler.formatter=java.util.logging.SimpleFormatter
                java.util.logging.SimpleFormatter.format=%%1$tFT%%1$tT.%%1$tL %%4$-7s %%3$s: %%5$s%%6$s%%n
                """
                        .formatted(folder.resolve("karst.%g.log").toString().replace("\\", "/"));
        LogManager.getLogManager()
                .readConfiguration(
                        new ByteArrayInputStream(settings.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
