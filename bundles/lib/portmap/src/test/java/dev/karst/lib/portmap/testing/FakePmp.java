// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap.testing;

import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A router that speaks NAT-PMP only. */
public final class FakePmp extends FakeRouter {
    public FakePmp(int port) {
        super(new InetSocketAddress(anyLoopback(), port));
    }

    @Override
    protected byte[] answer(byte[] request, InetSocketAddress from) {
        ByteBuffer in = ByteBuffer.wrap(request);
        int code = in.get(1) & 0xff;
        if (in.get(0) != 0) {
            return header(8, 0, 128 + (code & 0x7f), 1).array(); // unsupported version
        }
        if (code == 0) {
            return refuses == 0
                    ? address(128).array()
                    : header(12, 0, 128, refuses).putInt(0).array();
        }
        if (code > 2) {
            return header(8, 0, 128 + code, 5).array();
        }
        int internal = in.getShort(4) & 0xffff;
        int suggested = in.getShort(6) & 0xffff;
        long lifetime = in.getInt(8) & 0xffffffffL;
        ByteBuffer out = header(16, 0, 128 + code, refuses).putShort((short) internal);
        if (refuses != 0) {
            return out.putShort((short) 0).putInt(0).array();
        }
        Protocol p = code == 1 ? Protocol.UDP : Protocol.TCP;
        Key key = new Key(p, new InetSocketAddress(from.getAddress(), internal));
        if (lifetime == 0) {
            table.remove(key);
            return out.putShort((short) 0).putInt(0).array();
        }
        int port = grant(key, suggested, "");
        int seconds = (int) Math.min(lifetime, mostSeconds);
        return out.putShort((short) port).putInt(seconds).array();
    }

    private ByteBuffer address(int code) {
        return header(12, 0, code, 0).put(external.getAddress());
    }

    private ByteBuffer header(int length, int version, int code, int result) {
        ByteBuffer b = ByteBuffer.allocate(length).put((byte) version).put((byte) code);
        return b.putShort((short) result).putInt(seconds());
    }

    /** Tells all hosts that it began, or has a new address. */
    public void announce(int port) {
        InetAddress all = Rig.address("224.0.0.1");
        multicast(address(128).array(), all, port);
    }
}
