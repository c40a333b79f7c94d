// SPDX-License-Identifier: Apache-2.0
package com.example.predictor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.itests.tck.traversal.PortPredictorContract;
import dev.karst.spi.nat.Translation;
import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortPredictor;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PortSituation.Observation;
import dev.karst.spi.traversal.PortSituation.Protocol;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class StripePredictorTest extends PortPredictorContract {
    @Override
    protected PortPredictor newPredictor() {
        return new StripePredictor();
    }

    private List<Integer> after(int... seen) {
        List<Observation> all = new java.util.ArrayList<>();
        for (int port : seen) {
            all.add(new Observation(5_000, port, all.size()));
        }
        List<Integer> next = List.of(5_001, 5_002, 5_003, 5_004);
        return newPredictor()
                .predict(
                        new PortSituation(
                                Protocol.UDP,
                                Translation.unknown(),
                                all,
                                next,
                                Duration.ofMillis(100)))
                .stream()
                .map(PortGuess::port)
                .toList();
    }

    @Test
    void comesBackToItsStripe() {
        assertEquals(List.of(20_002, 20_001), after(40_000, 20_000));
        assertEquals(List.of(16_385, 16_384), after(40_000, 32_767), "at the end it begins anew");
    }

    @Test
    void saysNothingOfOtherRouters() {
        assertEquals(List.of(), after(20_000), "one stripe alone may be anything");
        assertEquals(List.of(), after(20_000, 60_000));
    }
}
