// SPDX-License-Identifier: Apache-2.0
package dev.karst.traversal.predict;

import dev.karst.itests.tck.traversal.PortPredictorContract;
import dev.karst.spi.traversal.PortPredictor;

/** The built-in rules are no service, but keep the contract. */
class StepPredictorContractTest extends PortPredictorContract {
    @Override
    protected PortPredictor newPredictor() {
        return new StepPredictor();
    }
}
