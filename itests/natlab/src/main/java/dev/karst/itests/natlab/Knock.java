// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a stranger gets from a router whose ports nobody asked for. Runs in the servers' namespace.
 */
final class Knock {

    /** What came back, for TCP and for UDP. */
    record Result(Tcp.Outcome tcp, Tcp.Outcome udp) {}

    private Knock() {}

    static Result at(String router) throws IOException {
        int port = 50_000 + ThreadLocalRandom.current().nextInt(10_000);
        InetSocketAddress to = ProbeWire.at(router, port);
        return new Result(Tcp.connects(Plan.SERVER2, to, Probe.PATIENCE_MS), udp(to));
    }

    private static Tcp.Outcome udp(InetSocketAddress to) throws IOException {
        try (DatagramChannel by = DatagramChannel.open(StandardProtocolFamily.INET)) {
            by.bind(new InetSocketAddress(Plan.SERVER2, 0));
            by.connect(to);
            by.write(ByteBuffer.wrap(new byte[1]));
            by.socket().setSoTimeout(Probe.PATIENCE_MS);
            by.socket().receive(new java.net.DatagramPacket(new byte[64], 64));
            return Tcp.Outcome.OPEN;
        } catch (PortUnreachableException e) {
            return Tcp.Outcome.REFUSED;
        } catch (SocketTimeoutException e) {
            return Tcp.Outcome.SILENCE;
        } catch (NoRouteToHostException e) {
            return Tcp.Outcome.UNREACHABLE;
        } catch (SocketException e) {
            return Tcp.Outcome.UNREACHABLE; // "No route to host", by whichever class
        }
    }

    static Result expected(Unsolicited answer) {
        return switch (answer) {
            case DROP -> new Result(Tcp.Outcome.SILENCE, Tcp.Outcome.SILENCE);
            case RST -> new Result(Tcp.Outcome.REFUSED, Tcp.Outcome.SILENCE);
            case ICMP, STACK -> new Result(Tcp.Outcome.REFUSED, Tcp.Outcome.REFUSED);
            case PROHIBITED -> new Result(Tcp.Outcome.UNREACHABLE, Tcp.Outcome.UNREACHABLE);
        };
    }
}
