// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.relay;

/** Our client at coturn, over TLS. */
class CoturnOverTlsTest extends CoturnContractTest {
    @Override
    String url(boolean there) {
        return "turns:127.0.0.1:" + (there ? coturn.tlsPort : 9);
    }
}
