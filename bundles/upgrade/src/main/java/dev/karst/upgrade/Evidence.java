// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import dev.karst.admin.ProviderInfo.Score;

/**
 * How a new provider does beside the old one of its kind and name.
 *
 * @param fresh since it came
 * @param old over the same time
 * @param oldLife over its whole life
 * @param freshPaths how many paths hang on the new one, {@code oldPaths} on the old one
 * @param state of the new one, in the words of the core; empty when it is gone
 */
record Evidence(Score fresh, Score old, Score oldLife, int freshPaths, int oldPaths, String state) {

    /** What the new one is measured by: the same time if that says enough, else its life. */
    Score reference() {
        return old.tried() >= Judge.ENOUGH || old.tried() >= oldLife.tried() ? old : oldLife;
    }
}
