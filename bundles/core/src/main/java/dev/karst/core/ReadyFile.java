// SPDX-License-Identifier: Apache-2.0
package dev.karst.core;

import dev.karst.core.world.Log;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A file {@code ready} that is there while the node can be reached; for launchers. */
final class ReadyFile {
    private final Path file;

    /**
     * @param dir null if nobody waits for it
     */
    ReadyFile(Path dir) {
        this.file = dir == null ? null : dir.resolve("ready");
    }

    /** Moved into place, so that nobody reads half a line. */
    void write(String line) {
        if (file == null) {
            return;
        }
        try {
            Files.createDirectories(file.getParent());
            Path fresh = file.resolveSibling("ready.new");
            Files.writeString(fresh, line + "\n");
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Log.of(ReadyFile.class).log(System.Logger.Level.WARNING, "cannot write " + file, e);
        }
    }

    void delete() {
        if (file == null) {
            return;
        }
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            Log.of(ReadyFile.class).log(System.Logger.Level.DEBUG, "cannot delete " + file, e);
        }
    }
}
