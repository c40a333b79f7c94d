// SPDX-License-Identifier: Apache-2.0
package com.example.predictor;

import dev.karst.spi.traversal.PortGuess;
import dev.karst.spi.traversal.PortPredictor;
import dev.karst.spi.traversal.PortSituation;
import dev.karst.spi.traversal.PortSituation.Observation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * For a router with two processors, each with a stripe of ports of its own: the lower one counts up
 * through 16384 to 32767, the upper one through 32768 to 49151, and new mappings go to them in
 * turn. So the port after next is one more, and the next is in the other stripe, where nothing is
 * known until it was seen.
 */
@Component(service = PortPredictor.class, property = "karst.name=stripes")
public final class StripePredictor implements PortPredictor {
    private static final int LOW = 16_384;
    private static final int STRIPE = 16_384;

    @Override
    public List<PortGuess> predict(PortSituation s) {
        Observation last = s.seen().get(s.seen().size() - 1);
        boolean ours = s.seen().stream().allMatch(o -> stripe(o.external()) >= 0);
        boolean both = s.seen().stream().map(o -> stripe(o.external())).distinct().count() == 2;
        if (!ours || !both) {
            return List.of(); // another router: those who know it are asked next
        }
        // Every second socket comes back to the stripe of the last one. Strangers may take some
        // before: then the same ports are met by later sockets, so the last of ours is the safest.
        int sockets = s.next().size() / 2;
        List<PortGuess> out = new ArrayList<>();
        for (int i = 1; i <= Math.min(sockets, MOST); i++) {
            int from = LOW + stripe(last.external()) * STRIPE;
            int port = from + (last.external() - from + i) % STRIPE;
            out.add(new PortGuess(port, 0.9 * i / sockets));
        }
        out.sort(Comparator.comparingDouble(PortGuess::weight).reversed());
        return out;
    }

    /** 0, 1, or -1 where it is none of them. */
    private static int stripe(int port) {
        int i = Math.floorDiv(port - LOW, STRIPE);
        return i < 0 || i > 1 ? -1 : i;
    }
}
