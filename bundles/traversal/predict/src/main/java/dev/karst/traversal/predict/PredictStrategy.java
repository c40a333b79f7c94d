// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.spi.nat.NatProfile;
import dev.karst.spi.transport.Path;
import dev.karst.spi.traversal.Attempt;
import dev.karst.spi.traversal.Odds;
import dev.karst.spi.traversal.TraversalStrategy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Predicts ports, or tries many; keeps no state. */
@Component(
        name = PredictStrategy.PID,
        service = TraversalStrategy.class,
        configurationPid = PredictStrategy.PID,
        property = "karst.name=predict")
@Designate(ocd = PredictStrategy.Settings.class)
public final class PredictStrategy implements TraversalStrategy {
    static final String PID = "dev.karst.traversal.predict";

    private final Limits limits;

    /** Settings. */
    @ObjectClassDefinition(name = "Karst port prediction")
    public @interface Settings {
        @AttributeDefinition(description = "Ports of the peer that one attempt tries: 1 to 1024")
        int probes() default 1_024;

        @AttributeDefinition(description = "Packets per second of one attempt: 1 to 1000")
        int packetsPerSecond() default 100;

        @AttributeDefinition(
                description = "Sockets that one attempt opens behind random ports: 1 to 512")
        int sockets() default 300;

        @AttributeDefinition(description = "Whether TCP ports are predicted, too")
        boolean tcp() default true;
    }

    @Activate
    public PredictStrategy(Settings s) {
        this(new Limits(s.probes(), s.packetsPerSecond(), s.sockets(), s.tcp()));
    }

    /** With the defaults, without a container. */
    public PredictStrategy() {
        this(Limits.DEFAULT);
    }

    /**
     * Without a container.
     *
     * @param probes ports tried at most
     * @param sockets opened at most behind random ports
     */
    public PredictStrategy(int probes, int sockets) {
        this(new Limits(probes, Limits.DEFAULT.perSecond(), sockets, true));
    }

    private PredictStrategy(Limits limits) {
        this.limits = limits;
    }

    @Override
    public Odds estimate(NatProfile local, NatProfile remote) {
        return Chances.of(local, remote, limits);
    }

    @Override
    public boolean mutual() {
        return true;
    }

    @Override
    public CompletionStage<? extends Path> attempt(Attempt attempt) {
        CompletableFuture<Path> result = new CompletableFuture<>();
        new PredictRun(attempt, limits, result).begin();
        return result;
    }
}
