// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.net;

import dev.karst.net.netty.NettyDriver;
import dev.karst.spi.net.NetDriver;

class NettyHandOverTest extends HandOverContract {
    @Override
    protected NetDriver newDriver() {
        return new NettyDriver(2);
    }

    @Override
    protected void stop(NetDriver driver) {
        ((NettyDriver) driver).stop();
    }
}
