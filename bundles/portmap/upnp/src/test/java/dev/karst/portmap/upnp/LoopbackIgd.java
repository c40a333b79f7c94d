// SPDX-License-Identifier: Apache-2.0
package dev.karst.portmap.upnp;

import dev.karst.spi.net.Network;
import dev.karst.spi.portmap.PortMapper;
import dev.karst.spi.portmap.PortRequest.Protocol;
import java.net.InetSocketAddress;
import java.util.List;

/** A router on 127.0.0.1 for tests of others, and mappers that search for it only. */
public final class LoopbackIgd implements AutoCloseable {
    private final FakeGateway router = new FakeGateway("127.0.0.1");

    /** A row of its table. */
    public record Row(Protocol protocol, InetSocketAddress internal, int externalPort) {}

    /** A mapper that asks this router alone, and no group. */
    public PortMapper mapper() {
        return new UpnpMapper(new SearchPlan(router.port(), false));
    }

    public Network.Gateway route() {
        return Rig.loopback(router);
    }

    public InetSocketAddress internal(int port) {
        return new InetSocketAddress(router.address, port);
    }

    public List<Row> rows() {
        return router.service.rows.entrySet().stream()
                .map(e -> row(e.getKey().split(" "), e.getValue()))
                .toList();
    }

    private static Row row(String[] key, IgdService.Row row) {
        return new Row(
                Protocol.valueOf(key[0]),
                new InetSocketAddress(Literals.parse(row.client()).orElseThrow(), row.port()),
                Integer.parseInt(key[1]));
    }

    /** Ports from here on are taken by somebody else. */
    public void takenFrom(int port) {
        router.service.takenFrom = port;
    }

    /** Whether it hears nothing. */
    public void silent(boolean on) {
        router.silent = on;
    }

    /** Whether it keeps what it was asked for until this is off. */
    public void late(boolean on) {
        router.late = on;
    }

    /** Whether it does nothing for anybody. */
    public void refuses(boolean on) {
        router.service.error = on ? 606 : 0;
    }

    public void forget() {
        router.service.rows.clear();
    }

    @Override
    public void close() {
        router.close();
    }
}
