// SPDX-License-Identifier: Apache-2.0
package dev.karst.core.world;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.karst.core.Counters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CoreScopeTest {
    /** A transport says goodbye by a flow that was there before: the flow has to end after it. */
    @Test
    void whoCameLastEndsFirst() {
        List<String> told = new ArrayList<>();
        CoreScope scope =
                new CoreScope(new HandWorld(), Runnable::run, new Counters(), Instant.MAX);
        scope.onCancel(() -> told.add("flow"));
        scope.onCancel(() -> told.add("path"));
        scope.cancel();
        assertEquals(List.of("path", "flow"), told);
    }
}
