// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SocketChannel;

/** Connections from chosen ports. */
final class Tcp {

    /** How a connect ended. */
    enum Outcome {
        OPEN,
        /** By a reset, or ICMP port unreachable: the API shows no difference. */
        REFUSED,
        UNREACHABLE,
        SILENCE
    }

    private Tcp() {}

    /** Several sockets may share the local port, a listening one among them. */
    static void shared(NetworkChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    }

    /** The connection, from a local port that others may use too; ends by reset when closed. */
    static SocketChannel from(int localPort, InetSocketAddress to, int patienceMs)
            throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.INET);
        try {
            shared(channel);
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            channel.bind(new InetSocketAddress("0.0.0.0", localPort));
            channel.socket().connect(to, patienceMs);
            channel.socket().setSoTimeout(patienceMs);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    static Outcome connects(String source, InetSocketAddress to, int patienceMs)
            throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoLinger(true, 0);
            socket.bind(new InetSocketAddress(source, 0));
            socket.connect(to, patienceMs);
            return Outcome.OPEN;
        } catch (SocketTimeoutException e) {
            return Outcome.SILENCE;
        } catch (NoRouteToHostException e) {
            return Outcome.UNREACHABLE;
        } catch (ConnectException e) {
            return Outcome.REFUSED;
        }
    }
}
