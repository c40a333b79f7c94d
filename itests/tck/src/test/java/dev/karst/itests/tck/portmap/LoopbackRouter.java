// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.tck.portmap;

import dev.karst.lib.portmap.testing.FakeRouter;
import dev.karst.lib.portmap.testing.Rig;
import dev.karst.spi.net.Network;
import java.net.InetSocketAddress;
import java.util.List;

/** A router of lib.portmap as the contract wants it. */
final class LoopbackRouter implements FakeGateway {
    /** Where both protocols listen; each router has a loopback address of its own. */
    static final int PORT = 5351;

    private static final int NOT_AUTHORIZED = 2;

    private final FakeRouter router;

    LoopbackRouter(FakeRouter router) {
        this.router = router;
    }

    @Override
    public Network.Gateway route() {
        return Rig.route(router.address());
    }

    @Override
    public InetSocketAddress internal(int port) {
        return Rig.internal(router.address(), port);
    }

    @Override
    public List<Mapping> mappings() {
        return router.mappings().entrySet().stream()
                .map(
                        e ->
                                new Mapping(
                                        e.getKey().protocol(),
                                        e.getKey().internal(),
                                        e.getValue().externalPort()))
                .toList();
    }

    @Override
    public void manner(Manner manner) {
        router.silent = manner == Manner.SILENT;
        router.refuses = manner == Manner.REFUSES ? NOT_AUTHORIZED : 0;
        router.late = manner == Manner.LATE;
        if (manner == Manner.ANSWERS) {
            router.letGo();
        }
    }

    @Override
    public void forget() {
        router.reboot();
    }

    @Override
    public void close() {
        router.close();
    }
}
