// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.portmap;

import dev.karst.lib.portmap.testing.FakePcp;
import dev.karst.portmap.pcp.PcpMapper;
import dev.karst.spi.portmap.PortMapper;

class PcpContractTest extends PortMapperContract {
    @Override
    protected PortMapper newMapper() {
        return new PcpMapper();
    }

    @Override
    protected FakeGateway startGateway() {
        return new LoopbackRouter(new FakePcp(LoopbackRouter.PORT));
    }
}
