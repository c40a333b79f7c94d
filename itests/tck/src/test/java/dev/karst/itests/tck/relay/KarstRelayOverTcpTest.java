// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

/** Our client at our server, over TCP. */
class KarstRelayOverTcpTest extends KarstRelayContractTest {
    @Override
    String transport() {
        return "tcp";
    }
}
