// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.nat;

import dev.karst.nat.stun.StunNatDetector;
import dev.karst.spi.nat.NatDetector;
import java.net.InetSocketAddress;
import java.util.List;

class StunNatDetectorContractTest extends NatDetectorContract {
    @Override
    protected NatDetector newDetector(List<InetSocketAddress> servers) {
        return new StunNatDetector(
                servers.stream()
                        .map(a -> a.getAddress().getHostAddress() + ":" + a.getPort())
                        .toList());
    }
}
