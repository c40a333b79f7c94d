// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import dev.karst.itests.sim.Realm;
import java.net.InetAddress;
import java.time.Duration;

/** A NAT of a carrier: 100.64.0.0/10 (RFC 6598) inside, where homes have their outside address. */
public final class NatCarrier {
    private final NatWorld world;
    private final Realm access;
    private final NatStation nat;
    private int customers;

    NatCarrier(NatWorld world, String name, NatPolicy policy) {
        this.world = world;
        this.access = world.realm(name + "-access", Duration.ofMillis(4));
        InetAddress router = NatWorld.address("100.64.0.1");
        this.nat =
                new NatStation(
                        world.world(),
                        name + "-cgn",
                        access,
                        router,
                        world.world().internet(),
                        world.nextPublic(),
                        policy,
                        null);
        access.gateway(nat.lan(), router);
    }

    /** The realm between the carrier and its customers. */
    public Realm access() {
        return access;
    }

    public NatStation nat() {
        return nat;
    }

    public void reboot() {
        nat.reboot();
    }

    /** Gets another public address. */
    public void renumber() {
        nat.renumber(world.nextPublic());
    }

    InetAddress nextAddress() {
        int n = customers++;
        return NatWorld.address("100.64." + (1 + n / 250) + "." + (n % 250 + 2));
    }
}
