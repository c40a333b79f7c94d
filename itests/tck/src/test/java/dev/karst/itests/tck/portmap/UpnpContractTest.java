// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.portmap;

import dev.karst.portmap.upnp.LoopbackIgd;
import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortMapper;
import java.net.InetSocketAddress;
import java.util.List;

class UpnpContractTest extends PortMapperContract {
    private LoopbackIgd router;

    @Override
    protected PortMapper newMapper() {
        return router.mapper();
    }

    @Override
    protected FakeGateway startGateway() {
        router = new LoopbackIgd();
        router.takenFrom(FakeGateway.TAKEN);
        return new Router(router);
    }

    private record Router(LoopbackIgd igd) implements FakeGateway {
        @Override
        public Network.Gateway route() {
            return igd.route();
        }

        @Override
        public InetSocketAddress internal(int port) {
            return igd.internal(port);
        }

        @Override
        public List<Mapping> mappings() {
            return igd.rows().stream()
                    .map(r -> new Mapping(r.protocol(), r.internal(), r.externalPort()))
                    .toList();
        }

        @Override
        public void manner(Manner manner) {
            igd.silent(manner == Manner.SILENT);
            igd.late(manner == Manner.LATE);
            igd.refuses(manner == Manner.REFUSES);
        }

        @Override
        public void forget() {
            igd.forget();
        }

        @Override
        public void close() {
            igd.close();
        }
    }
}
