// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.portmap;

import dev.karst.lib.portmap.testing.FakePmp;
import dev.karst.portmap.natpmp.NatPmpMapper;
import dev.karst.spi.portmap.PortMapper;

class NatPmpContractTest extends PortMapperContract {
    @Override
    protected PortMapper newMapper() {
        return new NatPmpMapper();
    }

    @Override
    protected FakeGateway startGateway() {
        return new LoopbackRouter(new FakePmp(LoopbackRouter.PORT));
    }
}
