// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.nio.ByteBuffer;

/** Two buffers for filling and sealing one record; pooled, so that idle sessions hold none. */
final class Scratch {
    private final ByteBuffer plain = ByteBuffer.allocate(FrameWriter.MAX_PLAIN + 1024);
    private final ByteBuffer sealed =
            ByteBuffer.allocate(FrameWriter.MAX_PLAIN + 1024 + Epoch.OVERHEAD);

    ByteBuffer plain() {
        return plain.clear();
    }

    ByteBuffer sealed() {
        return sealed.clear();
    }
}
