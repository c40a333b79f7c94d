// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

/** RFC 4787, section 5: whose packets come in through a mapping. */
public enum Filtering {
    ENDPOINT_INDEPENDENT("eif"),
    ADDRESS_DEPENDENT("adf"),
    ADDRESS_AND_PORT_DEPENDENT("apdf");

    final String word;

    Filtering(String word) {
        this.word = word;
    }
}
