// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim;

import dev.karst.spi.Scope;
import dev.karst.spi.Scopes;

/** The {@link Scopes} service on a host of the simulated world. */
public final class SimScopes implements Scopes {
    private final SimHost host;

    public SimScopes(SimHost host) {
        this.host = host;
    }

    @Override
    public Owned open(String owner) {
        SimScope scope = host.scope();
        return new Owned() {
            @Override
            public Scope scope() {
                return scope;
            }

            @Override
            public void close() {
                scope.cancel();
            }
        };
    }
}
