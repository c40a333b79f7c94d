// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

/** Our client at coturn, over TCP. */
class CoturnOverTcpTest extends CoturnContractTest {
    @Override
    String url(boolean there) {
        return "turn:127.0.0.1:" + (there ? coturn.port : 9) + "?transport=tcp";
    }
}
