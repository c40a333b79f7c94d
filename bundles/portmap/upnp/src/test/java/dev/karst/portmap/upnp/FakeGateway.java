// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.IpAddresses;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A router on loopback: SSDP by unicast, HTTP over real sockets; each can be made to misbehave. */
final class FakeGateway implements AutoCloseable {
    /** Writes a whole response, or whatever else. */
    interface Page {
        void write(OutputStream out) throws IOException, InterruptedException;
    }

    final InetAddress address;
    final DatagramSocket ssdp;

    /** By path, action, or both with # between. */
    final Map<String, Page> pages = new ConcurrentHashMap<>();

    /** "GET /desc.xml", "AddPortMapping", … in the order they came. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    /** What was searched for. */
    final List<String> searches = new CopyOnWriteArrayList<>();

    /** Sent on a search, as if a group had carried it to others too. */
    final List<FakeGateway> neighbours = new CopyOnWriteArrayList<>();

    volatile IgdService service = new IgdService("WANIPConnection:1");
    volatile boolean silent;

    /** Takes requests, and answers when it is false again. */
    volatile boolean late;

    volatile String location;
    volatile String extra = "";
    private final ServerSocket http;

    FakeGateway(String address) {
        try {
            this.address = InetAddress.getByName(address);
            ssdp = new DatagramSocket(new InetSocketAddress(this.address, 0));
            http = new ServerSocket(0, 50, this.address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        location = url("/desc.xml");
        pages.put("/desc.xml", out -> respond(out, 200, description("/ctl")));
        thread(this::searched);
        thread(this::served);
    }

    int port() {
        return ssdp.getLocalPort();
    }

    int httpPort() {
        return http.getLocalPort();
    }

    String url(String path) {
        return "http://"
                + IpAddresses.text(new InetSocketAddress(address, http.getLocalPort()))
                + path;
    }

    String description(String controlUrl) {
        return description(controlUrl, "");
    }

    String description(String controlUrl, String before) {
        return "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\">"
                + before
                + "<device><friendlyName>Fake &amp; Box</friendlyName><deviceList><device>"
                + "<serviceList><service><serviceType>urn:schemas-upnp-org:service:Layer3:1"
                + "</serviceType><controlURL>/other</controlURL></service><service><serviceType>"
                + "urn:schemas-upnp-org:service:"
                + service.type
                + "</serviceType><controlURL>"
                + controlUrl
                + "</controlURL></service></serviceList></device></deviceList></device></root>";
    }

    static void respond(OutputStream out, int status, String body) throws IOException {
        byte[] b = body.getBytes(StandardCharsets.UTF_8);
        raw(out, "HTTP/1.1 " + status + " x\r\nContent-Length: " + b.length + "\r\n\r\n" + body);
    }

    static void raw(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    long count(String request) {
        return requests.stream().filter(request::equals).count();
    }

    private static void thread(Runnable task) {
        Thread t = new Thread(task, "fake-gateway");
        t.setDaemon(true);
        t.start();
    }

    private void searched() {
        byte[] buffer = new byte[2048];
        while (!ssdp.isClosed()) {
            DatagramPacket p = new DatagramPacket(buffer, buffer.length);
            try {
                ssdp.receive(p);
                String text = new String(p.getData(), 0, p.getLength(), StandardCharsets.US_ASCII);
                String target = text.replaceAll("(?s).*\r\nST: ([^\r]*)\r\n.*", "$1");
                searches.add(target);
                answer(p, target);
                for (FakeGateway g : neighbours) {
                    g.answer(p, target);
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    /** One answer, sent by this gateway's socket. */
    void answer(DatagramPacket to, String target) throws IOException {
        if (silent || late) {
            return;
        }
        String text =
                "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: "
                        + target
                        + "\r\nUSN: uuid:abc::"
                        + target
                        + "\r\nEXT:\r\nSERVER: fake\r\n"
                        + extra
                        + "LOCATION: "
                        + location
                        + "\r\nBOOTID.UPNP.ORG: 7\r\n\r\n";
        byte[] b = text.getBytes(StandardCharsets.US_ASCII);
        ssdp.send(new DatagramPacket(b, b.length, to.getSocketAddress()));
    }

    private void served() {
        while (!http.isClosed()) {
            try {
                Socket s = http.accept();
                thread(() -> serve(s));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket s) {
        try (s) {
            InputStream in = new BufferedInputStream(s.getInputStream());
            String head = head(in);
            if (head.isEmpty()) {
                return; // somebody changed his mind
            }
            String[] first = head.split("\r\n")[0].split(" ");
            int length = 0;
            String action = "";
            for (String line : head.split("\r\n")) {
                if (line.startsWith("Content-Length: ")) {
                    length = Integer.parseInt(line.substring(16));
                } else if (line.startsWith("SOAPAction: ")) {
                    action = line.substring(line.indexOf('#') + 1, line.length() - 1);
                }
            }
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            while (late || silent) {
                Thread.sleep(5);
            }
            requests.add(action.isEmpty() ? first[0] + " " + first[1] : action);
            Page page = pages.get(action.isEmpty() ? first[1] : first[1] + "#" + action);
            page = page == null ? pages.get(action) : page;
            if (page == null && !action.isEmpty()) {
                String[] answer = service.answer(action, body, s.getInetAddress());
                respond(s.getOutputStream(), Integer.parseInt(answer[0]), answer[1]);
            } else if (page == null) {
                respond(s.getOutputStream(), 404, "");
            } else {
                page.write(s.getOutputStream());
            }
            s.shutdownOutput();
            while (in.read() >= 0) {
                continue;
            }
        } catch (IOException | InterruptedException e) {
            // the client had enough
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder out = new StringBuilder();
        int b;
        while (out.indexOf("\r\n\r\n") < 0 && (b = in.read()) >= 0) {
            out.append((char) b);
        }
        return out.toString();
    }

    @Override
    public void close() {
        try {
            ssdp.close();
            http.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
