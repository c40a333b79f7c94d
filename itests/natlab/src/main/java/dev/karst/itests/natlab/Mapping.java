// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

/**
 * RFC 4787, section 4.1: when two packets of one inside endpoint leave from the same external port.
 */
public enum Mapping {
    ENDPOINT_INDEPENDENT("eim"),
    ADDRESS_DEPENDENT("adm"),
    ADDRESS_AND_PORT_DEPENDENT("apdm");

    final String word;

    Mapping(String word) {
        this.word = word;
    }
}
