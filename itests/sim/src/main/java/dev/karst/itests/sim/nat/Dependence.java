// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.sim.nat;

/** What a mapping or a filter depends on (RFC 4787 sections 4.1 and 5). */
public enum Dependence {
    /** There is no translation, or no filter. */
    NONE,
    ENDPOINT_INDEPENDENT,
    ADDRESS_DEPENDENT,
    ADDRESS_AND_PORT_DEPENDENT
}
