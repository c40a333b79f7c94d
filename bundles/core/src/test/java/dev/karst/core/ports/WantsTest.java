// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.ports;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.Endpoint;
import dev.karst.spi.net.Network.Gateway;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WantsTest {
    private static int wanted(String host, String local) {
        InetAddress address = FakeRouter.address(local);
        Gateway gateway = new Gateway("eth0", address, Optional.empty());
        return Wants.of(List.of(Endpoint.of("tcp", host, 4001)), List.of(), List.of(gateway))
                .size();
    }

    @ParameterizedTest
    @CsvSource({
        "2001:db8::a, 2001:db8::a, 1",
        "2001:DB8:0:0::000a, 2001:db8::a, 1",
        "2001:db8:0:0:0:0:0:a, 2001:db8::a, 1",
        "2001:db8::, 2001:db8::, 1",
        "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:3:4:5:6, 1",
        "2001:db8::b, 2001:db8::a, 0",
        "::1, 2001:db8::a, 0",
        "::, 2001:db8::a, 0",
        "192.168.1.2, 192.168.1.2, 1",
        "192.168.1.3, 192.168.1.2, 0",
        "home.example, 192.168.1.2, 0"
    })
    void aListenerFacesTheRouterHoweverItsAddressIsWritten(String host, String local, int count) {
        assertEquals(count, wanted(host, local));
    }

    @Test
    void publicIpv4AndPrivateIpv6NeedNoRouter() {
        assertEquals(0, wanted("198.51.100.7", "198.51.100.7"));
        assertEquals(0, wanted("fd00::1", "fd00::1"));
        assertEquals(0, wanted("fe80::1", "fe80::1"));
    }
}
