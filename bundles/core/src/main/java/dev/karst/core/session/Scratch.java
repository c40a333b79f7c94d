// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.session;

import java.nio.ByteBuffer;

/** Two buffers for filling and sealing one record; pooled, so that idle sessions hold none. */
final class Scratch {
    /** Room for the largest record, and a FIN behind it. */
    static final int SIZE = FrameWriter.MAX_RECORD + 64;

    private final ByteBuffer plain = ByteBuffer.allocate(SIZE);
    private final ByteBuffer sealed = ByteBuffer.allocate(SIZE + Epoch.OVERHEAD);

    ByteBuffer plain() {
        return plain.clear();
    }

    ByteBuffer sealed() {
        return sealed.clear();
    }
}
