// SPDX-License-Identifier: Apache-2.0
package dev.karst;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "203.0.113.255",
                "::",
                "::1",
                "1::",
                "2001:db8::",
                "2001:DB8:0:1:2:3:4:5",
                "64:ff9b::192.0.2.33",
                "1:2:3:4:5:6:1.2.3.4",
                "::ffff:1.2.3.4",
                "1::2:3:4:5:6:7",
            })
    void readsWhatTheJdkReads(String text) throws Exception {
        assertEquals(InetAddress.getByName(text), IpAddresses.parse(text).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "+1.2.3.4",
                "1.2.3.",
                "\u0661.2.3.4",
                "1.2.3.4%1",
                "example.org",
                "localhost",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "1:2:3:4:5:6:7::8",
                "1:2:3:4:5:6:7:1.2.3.4",
                "12345::",
                "-1::",
                "g::",
                "[::1]",
                "fe80::1%eth0",
                "1.2.3.4::",
                "::1.2.3",
                "::1.2.3.4:5"
            })
    void refusesTheRest(String text) {
        assertTrue(IpAddresses.parse(text).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1:7",
        "0:0:0:0:0:0:0:0, [::]:7",
        "0:0:0:0:0:0:0:1, [::1]:7",
        "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]:7",
        "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]:7",
        "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]:7",
        "2001:DB8:0:0:0:0:0:AB, [2001:db8::ab]:7",
        "fe80:0:0:0:0:0:0:0, [fe80::]:7",
    })
    void writesAsRfc5952Says(String address, String text) {
        InetAddress ip = IpAddresses.parse(address).orElseThrow();
        InetSocketAddress a = new InetSocketAddress(ip, 7);
        assertEquals(text, IpAddresses.text(a));
        Endpoint e = Endpoint.of("tcp", a);
        assertEquals("tcp://" + text, e.toString());
        assertEquals(Optional.of(ip), e.literal());
        assertEquals(7, e.port());
    }

    @Test
    void aNameIsNoLiteral() {
        assertTrue(Endpoint.parse("tcp://example.org:7").literal().isEmpty());
        assertTrue(Endpoint.parse("tcp://[fe80::1%25eth0]:7").literal().isEmpty());
    }

    @Test
    void everyAddressComesBack() throws Exception {
        long seed = 5;
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            byte[] ip = new byte[random.nextBoolean() ? 4 : 16];
            for (int j = 0; j < ip.length; j++) {
                ip[j] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
            }
            InetAddress a = InetAddress.getByAddress(ip);
            assertEquals(a, IpAddresses.parse(IpAddresses.text(a)).orElseThrow(), "seed " + seed);
            assertEquals(a, IpAddresses.parse(a.getHostAddress()).orElseThrow());
        }
    }

    @Test
    void anyTextIsReadOrRefused() {
        long seed = 6;
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder s = new StringBuilder();
            for (int n = random.nextInt(24); n > 0; n--) {
                s.append("0123456789abcdefg:::...%- ".charAt(random.nextInt(26)));
            }
            IpAddresses.parse(s.toString())
                    .ifPresent(
                            a ->
                                    assertEquals(
                                            Optional.of(a),
                                            IpAddresses.parse(IpAddresses.text(a)),
                                            s + ", seed " + seed));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "10.1.2.3, private",
        "172.16.0.1, private",
        "172.32.0.1, public",
        "192.168.0.1, private",
        "169.254.0.1, private",
        "100.64.0.1, shared",
        "100.127.255.255, shared",
        "100.128.0.1, public",
        "203.0.113.1, public",
        "127.0.0.1, neither",
        "0.0.0.0, neither",
        "0.1.2.3, neither",
        "224.0.0.1, neither",
        "240.0.0.1, neither",
        "255.255.255.255, neither",
        "::, neither",
        "::1, neither",
        "ff02::1, neither",
        "fe80::1, private",
        "fc00::1, private",
        "fd12::1, private",
        "2001:db8::1, public",
        "6440::1, public"
    })
    void kinds(String text, String kind) {
        InetAddress a = IpAddresses.parse(text).orElseThrow();
        assertEquals(kind.equals("private"), IpAddresses.isPrivate(a));
        assertEquals(kind.equals("shared"), IpAddresses.isShared(a));
        assertEquals(kind.equals("public"), IpAddresses.isPublic(a));
    }
}
