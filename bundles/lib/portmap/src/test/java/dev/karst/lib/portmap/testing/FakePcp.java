// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap.testing;

import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** A router that speaks PCP version 2, for the family of its address. */
public final class FakePcp extends FakeRouter {
    private static final int NOT_AUTHORIZED = 2;
    private static final int ADDRESS_MISMATCH = 12;

    /** Seconds that it says an error will last. */
    public volatile int errorSeconds;

    /** Whether it knows ANNOUNCE. */
    public volatile boolean announces = true;

    public FakePcp(InetAddress at, int port) {
        super(new InetSocketAddress(at, port));
    }

    public FakePcp(int port) {
        this(anyLoopback(), port);
    }

    @Override
    protected byte[] answer(byte[] request, InetSocketAddress from) {
        ByteBuffer in = ByteBuffer.wrap(request);
        int opcode = in.get(1) & 0xff;
        if (request.length < 24 || in.get(0) != 2) {
            return error(Arrays.copyOf(request, Math.max(24, request.length)), 1);
        }
        byte[] client = Arrays.copyOfRange(request, 8, 24);
        if (!Arrays.equals(client, mapped(from.getAddress()))) {
            return error(request, ADDRESS_MISMATCH);
        }
        if (refuses != 0) {
            return error(request, refuses);
        }
        if (opcode == 0) {
            return announces ? header(ByteBuffer.allocate(24), 0, 0, 0).array() : error(request, 4);
        }
        return opcode == 1 ? map(in, request, from) : error(request, 4);
    }

    private byte[] map(ByteBuffer in, byte[] request, InetSocketAddress from) {
        String nonce = HexFormat.of().formatHex(request, 24, 36);
        Protocol p = in.get(36) == 6 ? Protocol.TCP : Protocol.UDP;
        int internal = in.getShort(40) & 0xffff;
        int suggested = in.getShort(42) & 0xffff;
        long lifetime = in.getInt(4) & 0xffffffffL;
        Key key = new Key(p, new InetSocketAddress(from.getAddress(), internal));
        Entry had = table.get(key);
        if (had != null && !had.nonce().equals(nonce)) {
            return error(request, NOT_AUTHORIZED);
        }
        byte[] answer = request.clone();
        ByteBuffer out = ByteBuffer.wrap(answer);
        if (lifetime == 0) {
            table.remove(key);
            return header(out, 1, 0, 0).array();
        }
        boolean v6 = from.getAddress() instanceof Inet6Address;
        int port = grant(key, v6 ? internal : suggested, nonce);
        header(out, 1, 0, (int) Math.min(lifetime, mostSeconds));
        out.putShort(42, (short) port);
        byte[] address = mapped(v6 ? from.getAddress() : external);
        System.arraycopy(address, 0, answer, 44, 16);
        return answer;
    }

    private static byte[] mapped(InetAddress a) {
        if (a.getAddress().length == 16) {
            return a.getAddress();
        }
        byte[] out = new byte[16];
        out[10] = out[11] = (byte) 0xff;
        System.arraycopy(a.getAddress(), 0, out, 12, 4);
        return out;
    }

    private byte[] error(byte[] request, int result) {
        ByteBuffer b = ByteBuffer.wrap(request.clone());
        return header(b, request[1] & 0x7f, result, errorSeconds).array();
    }

    private ByteBuffer header(ByteBuffer b, int opcode, int result, int lifetime) {
        b.position(0);
        b.put((byte) 2).put((byte) (0x80 | opcode)).put((byte) 0).put((byte) result);
        return b.putInt(lifetime).putInt(seconds()).putInt(0).putLong(0);
    }

    /** Tells all hosts that it began. */
    public void announce(int port) {
        tell(header(ByteBuffer.allocate(24), 0, 0, 0).array(), port);
    }

    /** Sends to the group; on IPv6 to this host's ear, as ::1 has no multicast. */
    public void tell(byte[] news, int port) {
        if (address() instanceof Inet6Address) {
            send(news, new InetSocketAddress(address(), port));
        } else {
            multicast(news, Rig.address("224.0.0.1"), port);
        }
    }
}
