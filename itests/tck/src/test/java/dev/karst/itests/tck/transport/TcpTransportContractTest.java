// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.transport;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.spi.net.TcpHandler;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.Transport;
import dev.karst.transport.tcp.TcpTransport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TcpTransportContractTest extends TransportContract {
    @Override
    protected Transport newTransport() {
        return new TcpTransport();
    }

    @Override
    protected Endpoint anywhere() {
        return Endpoint.parse("tcp://127.0.0.1:0");
    }

    private TcpSocket stranger(byte[] says, CompletableFuture<Void> gone) {
        TcpSocket s =
                get(
                        scope.network()
                                .connectTcp(
                                        new InetSocketAddress(
                                                "127.0.0.1", listening.endpoint().port())));
        s.start(
                new TcpHandler() {
                    @Override
                    public void bytes(ByteBuffer bytes) {}

                    @Override
                    public void finished() {
                        s.close();
                    }

                    @Override
                    public void closed(Optional<Throwable> why) {
                        gone.complete(null);
                    }
                });
        s.write(ByteBuffer.wrap(says));
        return s;
    }

    @Test
    void aStrangerIsCountedAndCutOff() throws Exception {
        byte[][] lines = {
            "GET / HTTP/1.1\r\n\r\n".getBytes(), {0, 0, 0, 0}, {0, 1, 1, 1}, {-1, -1, -1, -1, 5}
        };
        for (int i = 0; i < lines.length; i++) {
            CompletableFuture<Void> gone = new CompletableFuture<>();
            stranger(lines[i], gone);
            Ear ear = Ear.to(accepted());
            assertTrue(ear.isClosed());
            assertTrue(ear.why.startsWith("the peer sent a"), ear.why);
            gone.get(5, TimeUnit.SECONDS);
            assertEquals(i + 1, world.count("tcp.oversized"));
            assertTrue(ear.frames.isEmpty());
        }
    }

    @Test
    void anEndInTheMiddleOfAFrameIsTold() throws Exception {
        TcpSocket s = stranger(new byte[] {0, 0, 0, 9, 1}, new CompletableFuture<>());
        Ear ear = Ear.to(accepted());
        s.finish();
        assertTrue(ear.isClosed());
        assertEquals("the connection ended in the middle of a frame", ear.why);
    }

    @Test
    void servesBothFamiliesOnTheWildcard() throws Exception {
        var all =
                get(
                        transport.listen(
                                Endpoint.parse("tcp://[::]:0"),
                                p -> Ear.to(p).frames.clear(),
                                scope));
        int port = all.endpoint().port();
        boolean v6 =
                scope.network().interfaces().stream()
                        .anyMatch(i -> i.address() instanceof java.net.Inet6Address);
        for (String host : new String[] {"127.0.0.1", v6 ? "::1" : "127.0.0.1", "localhost"}) {
            Path p = get(transport.dial(Endpoint.of("tcp", host, port), scope));
            assertEquals(port, p.remote().port());
            p.close();
        }
    }

    @Test
    void triesAllAddressesOfAName() throws Exception {
        // localhost is ::1 and 127.0.0.1 on most machines; only one of them listens here
        Path p =
                get(
                        transport.dial(
                                Endpoint.of("tcp", "localhost", listening.endpoint().port()),
                                scope));
        Ear ear = Ear.to(accepted());
        p.send(0, ByteBuffer.wrap(new byte[] {1}));
        assertArrayEquals(new byte[] {1}, ear.next());
    }

    @Test
    void saysWhyADialFailed() {
        listening.close();
        await().until(() -> world.core().open() == 0);
        var e =
                transport
                        .dial(listening.endpoint(), scope)
                        .handle((p, x) -> x)
                        .toCompletableFuture();
        await().until(e::isDone);
        assertEquals("refused", e.join().getMessage());
    }
}
