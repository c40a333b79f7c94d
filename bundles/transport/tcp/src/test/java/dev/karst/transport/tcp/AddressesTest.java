// SPDX-License-Identifier: Apache-2.0
package dev.karst.transport.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, tcp://10.0.0.1:7",
        "0:0:0:0:0:0:0:0, tcp://[::]:7",
        "0:0:0:0:0:0:0:1, tcp://[::1]:7",
        "2001:db8:0:0:1:0:0:1, tcp://[2001:db8::1:0:0:1]:7",
        "2001:db8:0:1:1:1:1:1, tcp://[2001:db8:0:1:1:1:1:1]:7",
        "2001:0:0:1:0:0:0:1, tcp://[2001:0:0:1::1]:7",
        "fe80:0:0:0:0:0:0:0, tcp://[fe80::]:7",
    })
    void writesAddressesAsRfc5952Says(String address, String endpoint) throws Exception {
        assertEquals(
                endpoint,
                Addresses.endpoint(new InetSocketAddress(InetAddress.getByName(address), 7))
                        .toString());
    }
}
