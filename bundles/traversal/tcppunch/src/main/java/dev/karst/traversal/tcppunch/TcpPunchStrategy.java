// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.tcppunch;

import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Lets SYN meet SYN; keeps no state. */
@Component(
        name = "dev.karst.traversal.tcppunch",
        service = TraversalStrategy.class,
        property = "karst.name=tcppunch")
public final class TcpPunchStrategy implements TraversalStrategy {
    @Activate
    public TcpPunchStrategy() {}

    @Override
    public Odds estimate(NatProfile local, NatProfile remote) {
        return Outside.odds(local, remote);
    }

    @Override
    public boolean mutual() {
        return true;
    }

    @Override
    public CompletionStage<? extends Path> attempt(Attempt attempt) {
        CompletableFuture<Path> result = new CompletableFuture<>();
        new PunchRun(attempt, result).begin();
        return result;
    }
}
