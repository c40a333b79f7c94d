// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

import java.util.ArrayList;
import java.util.List;

/** Every mapping of RFC 4787 with every filtering and every allocation: 45. */
public final class RfcConfigs {
    private static final List<Dependence> DEPENDENCES =
            List.of(
                    Dependence.ENDPOINT_INDEPENDENT,
                    Dependence.ADDRESS_DEPENDENT,
                    Dependence.ADDRESS_AND_PORT_DEPENDENT);

    private RfcConfigs() {}

    /** With sequences that step by one. */
    public static List<NatConfig> all() {
        return all(1);
    }

    /** Named like "ADDRESS_DEPENDENT/ENDPOINT_INDEPENDENT/RANDOM". */
    public static List<NatConfig> all(int step) {
        List<NatConfig> out = new ArrayList<>();
        for (Dependence mapping : DEPENDENCES) {
            for (Dependence filtering : DEPENDENCES) {
                for (Allocation a : allocations(step)) {
                    NatPolicy p = NatPolicy.nat(mapping, filtering, a);
                    String name = mapping + "/" + filtering + "/" + a.kind();
                    out.add(NatConfig.plain(name, p));
                }
            }
        }
        return out;
    }

    private static List<Allocation> allocations(int step) {
        return List.of(
                Allocation.preserve(),
                Allocation.preserveDistance(),
                Allocation.independent(step),
                Allocation.dependent(step),
                Allocation.random());
    }
}
