// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.swap;

/** What may happen in a seed, by its number: one in four each, and two in four everything. */
enum Weather {
    /** Providers are replaced side by side, as planned upgrades are; nothing else, no loss. */
    BESIDE,
    /** Providers are updated in place or are away for seconds; nothing else, no loss. */
    IN_PLACE,
    /** All that, mad providers, and all that networks, routers, relays and brokers do. */
    STORM;

    static Weather of(long seed) {
        return switch ((int) Math.floorMod(seed, 4L)) {
            case 0 -> BESIDE;
            case 1 -> IN_PLACE;
            default -> STORM;
        };
    }
}
