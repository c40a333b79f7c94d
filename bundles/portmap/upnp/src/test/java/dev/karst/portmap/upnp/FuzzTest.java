// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.karst.IpAddresses;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes of strangers give a result or a {@link UpnpFailure}, and nothing else. */
class FuzzTest {
    private static final int ROUNDS = 20_000;

    private static final String XML =
            "<?xml version=\"1.0\" encoding=\"x\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\">"
                    + "<URLBase>http://10.0.0.1:80/</URLBase><device><friendlyName>a&amp;b&#65;"
                    + "</friendlyName><service><serviceType>urn:schemas-upnp-org:service:"
                    + "WANIPConnection:1</serviceType><controlURL>/c</controlURL></service>"
                    + "<![CDATA[x]]><!-- y --></device></root>";

    private static final String SSDP =
            "HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nUSN: uuid:1-2::upnp:rootdevice\r\n"
                    + "LOCATION: http://10.0.0.1:5000/d.xml\r\nBOOTID.UPNP.ORG: 12\r\n\r\n";

    private interface Decoder {
        void decode(byte[] bytes);
    }

    /** The same bytes in each build; {@code -Dkarst.fuzz=N} tries others. */
    private static void fuzz(String valid, int rounds, Decoder decoder) {
        long seed = Long.getLong("karst.fuzz", -2651377504421433406L);
        Random random = new Random(seed);
        for (int i = 0; i < rounds; i++) {
            byte[] bytes = i % 4 == 0 ? noise(random) : mutated(valid, random);
            try {
                decoder.decode(bytes);
            } catch (UpnpFailure expected) {
                assertTrue(expected.getMessage().length() < 300, expected.getMessage());
            } catch (Throwable e) {
                fail("seed " + seed + " round " + i, e);
            }
        }
    }

    private static byte[] noise(Random random) {
        byte[] b = new byte[random.nextInt(200)];
        random.nextBytes(b);
        return b;
    }

    private static byte[] mutated(String valid, Random random) {
        StringBuilder s = new StringBuilder(valid);
        for (int n = random.nextInt(6); n >= 0 && s.length() > 1; n--) {
            int at = random.nextInt(s.length());
            int to = Math.min(s.length(), at + random.nextInt(20));
            switch (random.nextInt(4)) {
                case 0 -> s.setCharAt(at, (char) random.nextInt(256));
                case 1 -> s.delete(at, to);
                case 2 -> s.insert(random.nextInt(s.length()), s.substring(at, to));
                default ->
                        s.insert(
                                at,
                                List.of("\r\n", "&x;", "<", "99999999999", "%", ":")
                                        .get(random.nextInt(6)));
            }
        }
        return s.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void readsAnyHttp() {
        String chunked =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nT: x\r\n\r\n";
        String counted = "HTTP/1.1 500 No\r\nContent-Length: 4\r\nX: y\r\n\r\nbody";
        for (String valid : List.of(chunked, counted)) {
            HttpReply whole = new HttpReply();
            assertTrue(whole.feed(ByteBuffer.wrap(valid.getBytes(StandardCharsets.US_ASCII))));
            assertEquals("body", new String(whole.body(), StandardCharsets.US_ASCII));
            Random cuts = new Random(1);
            fuzz(
                    valid,
                    ROUNDS,
                    bytes -> {
                        HttpReply reply = new HttpReply();
                        int at = 0;
                        while (at < bytes.length) { // as TCP cuts it
                            int n = Math.min(bytes.length - at, 1 + cuts.nextInt(30));
                            reply.feed(ByteBuffer.wrap(bytes, at, n));
                            at += n;
                        }
                        reply.end();
                        assertTrue(reply.body().length <= bytes.length);
                    });
        }
    }

    @Test
    void takesNoMoreThanItSays() {
        byte[] most = new byte[HttpReply.MAX_BODY];
        assertTrue(fed("HTTP/1.1 200 OK\r\nContent-Length: " + most.length, most));
        assertFalse(fed("HTTP/1.1 200 OK\r\nX: y", most));
        byte[] more = new byte[HttpReply.MAX_BODY + 1];
        assertThrows(
                UpnpFailure.class,
                () -> fed("HTTP/1.1 200 OK\r\nContent-Length: " + more.length, new byte[0]));
        assertThrows(UpnpFailure.class, () -> fed("HTTP/1.1 200 OK\r\nX: y", more));
        String head = "HTTP/1.1 200 OK\r\nX: ";
        String fits = "y".repeat(HttpReply.MAX_HEAD - head.length() - 4);
        assertFalse(fed(head + fits, new byte[0]));
        assertThrows(UpnpFailure.class, () -> fed(head + fits + "y", new byte[0]));
    }

    private static boolean fed(String head, byte[] body) {
        HttpReply reply = new HttpReply();
        reply.feed(ByteBuffer.wrap((head + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII)));
        return reply.feed(ByteBuffer.wrap(body));
    }

    @Test
    void readsAnySsdp() {
        SsdpMessage valid =
                SsdpMessage.parse(ByteBuffer.wrap(SSDP.getBytes(StandardCharsets.US_ASCII)))
                        .orElseThrow();
        assertEquals("1-2", valid.uuid());
        assertEquals("12", valid.boot());
        fuzz(
                SSDP,
                ROUNDS,
                bytes ->
                        SsdpMessage.parse(ByteBuffer.wrap(bytes))
                                .ifPresent(
                                        m -> {
                                            assertTrue(m.uuid().length() <= 64);
                                            m.boot();
                                            HttpUrl.parse(m.header("location"));
                                        }));
    }

    @Test
    void readsAnyXml() {
        HttpUrl location = HttpUrl.parse("http://10.0.0.1:5000/d.xml");
        Neighbours all = new Neighbours(location.host(), Optional.of(location.host()), List.of());
        fuzz(
                XML,
                4_000,
                bytes -> {
                    Element xml = Xml.parse(bytes);
                    Description d =
                            Description.read(xml, location, location.host(), false, all, c -> {});
                    assertEquals(location.host(), d.services().get(0).control().host());
                });
    }

    @Test
    void readsAnyUrl() {
        fuzz("http://10.0.0.1:80/a/b?c#d", ROUNDS, b -> same(HttpUrl.parse(text(b))));
        fuzz("http://[fe80::1:2]:80/", ROUNDS, b -> same(HttpUrl.parse(text(b))));
        HttpUrl base = HttpUrl.parse("http://10.0.0.1/x/y");
        fuzz("../c/d?e", ROUNDS, b -> same(base.resolve(text(b))));
    }

    /** What it writes, it reads; and it fits into one line of a request. */
    private static void same(HttpUrl url) {
        assertEquals(url, HttpUrl.parse(url.toString()));
        assertTrue(url.path().matches("/[!-~]*"), url.path());
        assertTrue(url.port() > 0 && url.port() < 65536);
    }

    private static String text(byte[] b) {
        return new String(b, StandardCharsets.ISO_8859_1);
    }

    @Test
    void readsAddressesAsTheJdkDoes() throws Exception {
        for (String s :
                List.of(
                        "1.2.3.4",
                        "255.255.255.255",
                        "::",
                        "::1",
                        "1::",
                        "fe80::1",
                        "2001:db8::a:b",
                        "1:2:3:4:5:6:7:8",
                        "::1.2.3.4",
                        "64:ff9b::1.2.3.4",
                        "1:2:3:4:5:6:1.2.3.4")) {
            assertEquals(Optional.of(InetAddress.getByName(s)), Literals.parse(s), s);
            if (!s.contains(":") || !s.contains(".")) {
                assertEquals(s, IpAddresses.text(InetAddress.getByName(s)));
            }
        }
        for (String s :
                List.of(
                        "",
                        "1",
                        "1.2.3",
                        "1.2.3.256",
                        "01.2.3.4",
                        "1.2.3.4.5",
                        "1.2.3.4%1",
                        ":",
                        ":::",
                        "1::2::3",
                        "1:2:3:4:5:6:7",
                        "1:2:3:4:5:6:7:8:9",
                        "12345::",
                        "g::",
                        "::1.2.3",
                        "1.2.3.4::",
                        "::ffff:1.2.3.4",
                        "1:2:3:4:5:6:7::8",
                        "a.b.c.d",
                        "localhost")) {
            assertEquals(Optional.empty(), Literals.parse(s), s);
        }
        assertThrows(UpnpFailure.class, () -> HttpUrl.parse("http://[1.2.3.4]/"));
    }
}
