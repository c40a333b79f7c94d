// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.traversal;

import dev.karst.spi.traversal.TraversalStrategy;
import dev.karst.traversal.udppunch.UdpPunchStrategy;

class UdpPunchStrategyContractTest extends PunchStrategyContract {
    @Override
    protected TraversalStrategy newStrategy() {
        return new UdpPunchStrategy();
    }
}
