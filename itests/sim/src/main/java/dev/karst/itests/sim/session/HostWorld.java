// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.session;

import dev.karst.Subscription;
import dev.karst.core.world.World;
import dev.karst.itests.sim.SimHost;
import dev.karst.itests.sim.SimNetwork;
import dev.karst.spi.net.Network;
import dev.karst.spi.net.TcpSocket;
import dev.karst.spi.net.UdpSocket;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** A simulated host as the core wants its world. */
record HostWorld(SimHost host) implements World {
    @Override
    public Clock clock() {
        return host.clock();
    }

    @Override
    public long nanoTime() {
        return host.world().nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return host.random();
    }

    @Override
    public SecureRandom secureRandom() {
        return host.secureRandom();
    }

    @Override
    public Executor lane(String name) {
        return host.lane();
    }

    @Override
    public Subscription after(Duration delay, Runnable task) {
        return host.after(delay, task);
    }

    @Override
    public NetworkView openNetwork() {
        SimNetwork view = host.network();
        return new NetworkView() {
            @Override
            public Network network() {
                return view;
            }

            @Override
            public boolean adopt(TcpSocket socket) {
                return view.adopt(socket);
            }

            @Override
            public boolean adopt(UdpSocket socket) {
                return view.adopt(socket);
            }

            @Override
            public void close() {
                view.close();
            }
        };
    }
}
