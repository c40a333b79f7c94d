// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.nat;

/** How a NAT maps or filters, RFC 4787 sections 4.1 and 5. */
public enum Behavior {
    UNKNOWN,
    /** Mapping only: addresses and ports are not translated. */
    NONE,
    /** One mapping for all destinations; or anybody may answer ("full cone"). */
    ENDPOINT_INDEPENDENT,
    /** Another mapping for each destination address; or only addresses written to may answer. */
    ADDRESS_DEPENDENT,
    /**
     * Another mapping for each destination ("symmetric"); or only endpoints written to may answer.
     */
    ADDRESS_AND_PORT_DEPENDENT,
    /** The protocol does not pass at all. */
    BLOCKED
}
