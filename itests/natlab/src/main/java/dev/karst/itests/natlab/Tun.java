// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A TUN device: whole IP packets, no Ethernet. It is gone when its process is. */
final class Tun {

    private static final long TUNSETIFF = 0x400454caL;
    private static final short IFF_TUN = 0x0001;
    private static final short IFF_NO_PI = 0x1000;
    private static final int EIO = 5;
    private static final int EAGAIN = 11;
    private static final int EINVAL = 22;

    private final String name;
    private final int fd;
    private final ByteBuffer in = ByteBuffer.allocateDirect(65536);
    private final ByteBuffer out = ByteBuffer.allocateDirect(65536);

    private Tun(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /** Makes the device in the namespace of the calling thread. */
    static Tun create(String name) {
        byte[] request = new byte[40];
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        if (text.length > 15) {
            throw new LabException("device name " + name + " is too long");
        }
        System.arraycopy(text, 0, request, 0, text.length);
        ByteBuffer.wrap(request)
                .order(ByteOrder.nativeOrder())
                .putShort(16, (short) (IFF_TUN | IFF_NO_PI));
        try {
            int fd = Libc.open("/dev/net/tun", Libc.O_RDWR);
            try {
                Libc.ioctl(fd, TUNSETIFF, request);
            } catch (LastErrorException e) {
                Libc.close(fd);
                throw e;
            }
            return new Tun(name, fd);
        } catch (LastErrorException e) {
            throw new LabException("no device " + name + ": errno " + e.getErrorCode());
        }
    }

    /** The next packet; waits for it. One thread only. Null when the device has gone. */
    byte[] read() {
        try {
            int length = (int) Libc.read(fd, in, in.capacity());
            byte[] packet = new byte[length];
            in.get(0, packet);
            return packet;
        } catch (LastErrorException e) {
            return null;
        }
    }

    /** What a full or not yet running device does not take is lost, as on any wire. */
    synchronized void write(ByteBuffer packet) {
        out.put(0, packet, 0, packet.limit());
        try {
            Libc.write(fd, out, packet.limit());
        } catch (LastErrorException e) {
            int why = e.getErrorCode();
            if (why != EIO && why != EAGAIN && why != EINVAL) {
                throw new LabException("device " + name + ": errno " + why);
            }
        }
    }
}
