// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.mqtt.testing;

import dev.karst.Subscription;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpAcceptor;
import dev.karst.spi.net.TcpListener;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.TlsOptions;
import dev.karst.spi.net.UdpSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Blocking JDK sockets, a thread each: TCP and TLS clients only. */
final class TestNetwork implements Network, AutoCloseable {
    private final Set<TestSocket> sockets = ConcurrentHashMap.newKeySet();
    private final Set<Runnable> watching = ConcurrentHashMap.newKeySet();
    private volatile boolean offline;

    void offline(boolean on) {
        offline = on;
    }

    static void daemon(String name, Runnable task) {
        Thread t = new Thread(task, name);
        t.setDaemon(true);
        t.start();
    }

    private static <T> CompletionStage<T> call(String name, Callable<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        daemon(
                name,
                () -> {
                    try {
                        done.complete(task.call());
                    } catch (Exception e) {
                        done.completeExceptionally(e);
                    }
                });
        return done;
    }

    private TestSocket opened(Socket socket) throws IOException {
        TestSocket s = new TestSocket(socket, sockets::remove);
        sockets.add(s);
        return s;
    }

    @Override
    public CompletionStage<TcpSocket> connectTcp(InetSocketAddress remote) {
        return call(
                "test-connect",
                () -> {
                    Socket s = new Socket();
                    s.connect(remote, 5000);
                    return opened(s);
                });
    }

    @Override
    public CompletionStage<TcpSocket> connectTls(
            InetSocketAddress remote, String host, TlsOptions options) {
        return call(
                "test-connect-tls",
                () -> {
                    SSLContext context = SSLContext.getInstance("TLS");
                    TrustManager[] trust =
                            options.pin()
                                    .map(pin -> new TrustManager[] {new PinTrust(pin)})
                                    .orElse(null);
                    context.init(null, trust, null);
                    Socket plain = new Socket();
                    plain.connect(remote, 5000);
                    SSLSocket s =
                            (SSLSocket)
                                    context.getSocketFactory()
                                            .createSocket(plain, host, remote.getPort(), true);
                    if (options.pin().isEmpty()) {
                        SSLParameters p = s.getSSLParameters();
                        p.setEndpointIdentificationAlgorithm("HTTPS");
                        s.setSSLParameters(p);
                    }
                    try {
                        s.startHandshake();
                    } catch (IOException e) {
                        s.close();
                        throw e;
                    }
                    return opened(s);
                });
    }

    @Override
    public CompletionStage<List<InetAddress>> resolve(String host) {
        return offline
                ? CompletableFuture.failedStage(new UnknownHostException("offline"))
                : call("test-resolve", () -> List.of(InetAddress.getAllByName(host)));
    }

    /** Tells those who follow that addresses changed; how many there are. */
    int changed() {
        watching.forEach(Runnable::run);
        return watching.size();
    }

    int open() {
        return sockets.size();
    }

    @Override
    public void close() {
        List.copyOf(sockets).forEach(TestSocket::abort);
    }

    @Override
    public List<InterfaceAddress> interfaces() {
        return List.of();
    }

    @Override
    public List<Gateway> gateways() {
        return List.of();
    }

    @Override
    public Subscription onChange(Runnable changed) {
        watching.add(changed);
        return () -> watching.remove(changed);
    }

    @Override
    public CompletionStage<UdpSocket> joinGroup(InetSocketAddress group, String interfaceName) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<TcpSocket> connectTcp(
            InetSocketAddress local, InetSocketAddress remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<UdpSocket> bindUdp(InetSocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletionStage<TcpListener> listenTcp(InetSocketAddress local, TcpAcceptor acceptor) {
        throw new UnsupportedOperationException();
    }

    private record PinTrust(String pin) implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw new CertificateException("not a server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded());
                if (!HexFormat.of().formatHex(hash).equals(pin)) {
                    throw new CertificateException("the certificate does not match the pin");
                }
            } catch (GeneralSecurityException e) {
                throw e instanceof CertificateException c ? c : new CertificateException(e);
            }
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
