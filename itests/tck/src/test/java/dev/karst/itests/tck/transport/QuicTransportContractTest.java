// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.transport;

import static dev.karst.itests.tck.net.LocalWorld.get;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.Endpoint;
import dev.karst.itests.tck.net.FlowPair;
import dev.karst.itests.tck.net.FlowPair.Faults;
import dev.karst.itests.tck.net.SocketFlow;
import dev.karst.spi.net.UdpSocket;
import dev.karst.spi.transport.Path;
import dev.karst.spi.transport.Transport;
import dev.karst.transport.quic.QuicTransport;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuicTransportContractTest extends FlowTransportContract {
    @Override
    protected Transport newTransport() {
        return new QuicTransport();
    }

    @Test
    void carriesMuchOverABadFlow() throws Exception {
        flows(11, new Faults(0.01, 0.005, 0.01));
        transfer(ends(), 64 << 20);
    }

    @Test
    void runsOverSocketsOfBothFamilies() throws Exception {
        for (String host : new String[] {"127.0.0.1", "::1"}) {
            InetSocketAddress at = new InetSocketAddress(host, 0);
            UdpSocket a = get(world.scope().network().bindUdp(at));
            UdpSocket b = get(world.scope().network().bindUdp(at));
            CompletionStage<Path> s =
                    transport.over(new SocketFlow(b, a.local()), false, world.scope());
            CompletionStage<Path> c =
                    transport.over(new SocketFlow(a, b.local()), true, world.scope());
            transfer(new Ends(get(c), get(s)), 4 << 20);
            assertEquals("quic", get(c).local().scheme());
            get(c).close();
        }
    }

    /** Sends so many bytes as fast as the path takes them; they must all come, in order. */
    private static void transfer(Ends p, int total) throws Exception {
        Ear from = Ear.to(p.client());
        Ear to = Ear.to(p.server());
        MessageDigest sent = MessageDigest.getInstance("SHA-256");
        MessageDigest came = MessageDigest.getInstance("SHA-256");
        Random random = new Random(total);
        Thread sender =
                new Thread(
                        () -> {
                            byte[] frame = new byte[16_000];
                            for (int left = total; left > 0; ) {
                                random.nextBytes(frame);
                                int n = Math.min(left, frame.length);
                                left -= n;
                                sent.update(frame, 0, n);
                                if (!p.client().send(0, ByteBuffer.wrap(frame, 0, n))) {
                                    from.writable.acquireUninterruptibly();
                                }
                            }
                        });
        sender.start();
        for (int got = 0; got < total; ) {
            byte[] f = to.next();
            got += f.length;
            came.update(f);
        }
        sender.join();
        assertArrayEquals(sent.digest(), came.digest());
    }

    @Test
    void bindingsDifferWhereSomebodyStandsBetween() {
        byte[] honest = ends().client().binding();
        flows.close();
        flows = new FlowPair(2, Faults.NONE);
        Transport other = new QuicTransport(); // another key
        CompletionStage<Path> s = other.over(flows.b(), false, world.scope());
        CompletionStage<Path> c = transport.over(flows.a(), true, world.scope());
        assertArrayEquals(get(s).binding(), get(c).binding());
        assertFalse(Arrays.equals(honest, get(c).binding()));
        assertEquals(32, honest.length);
    }

    @Test
    void idlesWithoutSendingAnything() throws Exception {
        Ends p = ends();
        p.client().send(0, ByteBuffer.wrap(new byte[] {1}));
        Ear.to(p.server()).next();
        long before;
        do { // acknowledgements and what looks for the path's MTU
            before = flows.a().sent.get() + flows.b().sent.get();
            TimeUnit.MILLISECONDS.sleep(300);
        } while (flows.a().sent.get() + flows.b().sent.get() != before);
    }

    @Test
    void hasNoSocketOfItsOwn() {
        Endpoint e = Endpoint.parse("quic://127.0.0.1:4001");
        for (CompletionStage<?> s :
                new CompletionStage<?>[] {
                    transport.dial(e, world.scope()), transport.listen(e, p -> {}, world.scope())
                }) {
            var x =
                    assertThrows(
                            ExecutionException.class,
                            () -> s.toCompletableFuture().get(5, TimeUnit.SECONDS));
            assertTrue(x.getCause().getMessage().contains("QUIC runs over flows"));
        }
    }
}
