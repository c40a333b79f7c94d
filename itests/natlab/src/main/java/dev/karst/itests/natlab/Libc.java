// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.ByteBuffer;

/** The few calls of the C library that Java has no words for. Linux on a 64-bit machine. */
final class Libc {

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int CLONE_NEWNET = 0x40000000;
    static final int SIGKILL = 9;
    static final int ESRCH = 3;

    static {
        Native.register(Libc.class, "c");
    }

    private Libc() {}

    static native int open(String path, int flags) throws LastErrorException;

    static native int close(int fd) throws LastErrorException;

    static native int setns(int fd, int type) throws LastErrorException;

    static native int ioctl(int fd, long request, byte[] argument) throws LastErrorException;

    /** {@code buffer} must be direct; its position is not looked at. */
    static native long read(int fd, ByteBuffer buffer, long length) throws LastErrorException;

    /** {@code buffer} must be direct; its position is not looked at. */
    static native long write(int fd, ByteBuffer buffer, long length) throws LastErrorException;

    /** A negative pid names a process group. */
    static native int kill(int pid, int signal) throws LastErrorException;
}
