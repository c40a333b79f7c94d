// SPDX-License-Identifier: Apache-2.0
package dev.karst.itests.natlab;

/** Whether mappings towards different destinations may have one external port; userspace only. */
public enum Sharing {
    NONE("exclusive"),
    /** Those of one inside endpoint: a symmetric NAT that looks EIM until ports clash. */
    OWN("share"),
    /** Those of all hosts: port overloading. */
    ALL("overload");

    final String word;

    Sharing(String word) {
        this.word = word;
    }
}
