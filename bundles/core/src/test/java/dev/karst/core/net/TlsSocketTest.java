// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.net;

import static dev.karst.core.net.NetRig.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.TlsOptions;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the JDK's blocking TLS server. */
@Timeout(20)
class TlsSocketTest {
    private final NetRig rig = new NetRig();
    private ServerSocket server;
    private SSLContext context;
    private String pin;

    private interface Service {
        void serve(SSLSocket tls, Socket raw) throws Exception;
    }

    @BeforeEach
    void keys() throws Exception {
        char[] password = "karst-test".toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = TlsSocketTest.class.getResourceAsStream("localhost.p12")) {
            store.load(in, password);
        }
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        byte[] certificate = store.getCertificate("k").getEncoded();
        pin = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
        server = new ServerSocket(0, 5, NetRig.loopback(0).getAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        rig.close();
    }

    private void serve(String protocol, Service service) {
        rig.executor.execute(
                () -> {
                    try (Socket raw = server.accept()) {
                        SSLSocket tls =
                                (SSLSocket)
                                        context.getSocketFactory()
                                                .createSocket(raw, null, raw.getPort(), false);
                        tls.setUseClientMode(false);
                        tls.setEnabledProtocols(new String[] {protocol});
                        service.serve(tls, raw);
                    } catch (Exception e) {
                        rig.counters.merge("server: " + e, 1, Integer::sum);
                    }
                });
    }

    private InetSocketAddress at() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    private TcpSocket connect() {
        return get(rig.net.connectTls(at(), "localhost", TlsOptions.pinned(pin)));
    }

    private Throwable failure(TlsOptions options) {
        var f = rig.net.connectTls(at(), "localhost", options).toCompletableFuture();
        return assertThrows(ExecutionException.class, () -> f.get(5, TimeUnit.SECONDS)).getCause();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void carriesBothDirectionsWithBackPressure(String protocol) throws Exception {
        serve(
                protocol,
                (tls, raw) -> {
                    tls.getInputStream().transferTo(tls.getOutputStream());
                    tls.close();
                });
        Peer a = new Peer(connect()).start();
        rig.timer.schedule(() -> a.socket.reading(false), 20, TimeUnit.MILLISECONDS);
        rig.timer.schedule(() -> a.socket.reading(true), 120, TimeUnit.MILLISECONDS);
        String sent = a.send(1, 12_000_000);
        await().until(() -> a.received.get() == 12_000_000);
        a.socket.finish();
        assertTrue(a.closed.await(5, TimeUnit.SECONDS), rig.counters.toString());
        assertEquals(sent, a.hash());
        assertEquals(Optional.empty(), a.why);
        assertEquals(0, a.broken.get());
    }

    @Test
    void readsNothingBeforeStart() throws Exception {
        serve(
                "TLSv1.3",
                (tls, raw) -> {
                    tls.getOutputStream().write(new byte[300_000]);
                    tls.close();
                });
        Peer a = new Peer(connect());
        a.start();
        await().until(() -> a.received.get() == 300_000);
        assertTrue(a.finished.await(5, TimeUnit.SECONDS));
        a.socket.close();
        assertTrue(a.closed.await(5, TimeUnit.SECONDS));
    }

    @Test
    void acceptsThePinnedCertificateOnly() {
        serve("TLSv1.3", (tls, raw) -> tls.startHandshake());
        Throwable e = failure(TlsOptions.pinned("00".repeat(32)));
        assertInstanceOf(IOException.class, e);
        assertTrue(e.getMessage().contains("not the pinned one"), e.toString());
        assertTrue(e.getMessage().contains(pin), "says what it found");
        await().until(() -> rig.owner.size() == 0);
    }

    @Test
    void thePlatformRefusesAnUnknownIssuer() {
        serve("TLSv1.3", (tls, raw) -> tls.startHandshake());
        assertInstanceOf(javax.net.ssl.SSLException.class, failure(TlsOptions.platform()));
    }

    @Test
    void aServerThatIsNoTlsServerIsAnError() {
        serve(
                "TLSv1.3",
                (tls, raw) -> raw.getOutputStream().write("HTTP/1.1 400\r\n\r\n".getBytes()));
        assertInstanceOf(IOException.class, failure(TlsOptions.pinned(pin)));
    }

    @Test
    void aCutIsNotTakenForTheEnd() throws Exception {
        serve(
                "TLSv1.3",
                (tls, raw) -> {
                    tls.getOutputStream().write(new byte[1_000]);
                    assertEquals(1, tls.getInputStream().read());
                    raw.shutdownOutput();
                    raw.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
                });
        Peer a = new Peer(connect()).start();
        await().until(() -> a.received.get() == 1_000);
        a.socket.write(ByteBuffer.wrap(new byte[] {1}));
        assertTrue(a.closed.await(5, TimeUnit.SECONDS), rig.counters.toString());
        assertInstanceOf(EOFException.class, a.why.orElseThrow());
        assertEquals(1, a.finished.getCount());
    }

    @Test
    void theScopeEndsAHandshakeThatHangs() {
        serve(
                "TLSv1.3",
                (tls, raw) ->
                        raw.getInputStream().transferTo(java.io.OutputStream.nullOutputStream()));
        var f = rig.net.connectTls(at(), "localhost", TlsOptions.pinned(pin)).toCompletableFuture();
        await().until(() -> rig.core.open() == 1);
        rig.owner.close();
        var e = assertThrows(ExecutionException.class, () -> f.get(5, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, e.getCause());
    }
}
