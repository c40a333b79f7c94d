// SPDX-License-Identifier: Apache-2.0
package dev.karst.upgrade;

import org.osgi.framework.Bundle;

/**
 * What is to be replaced by what.
 *
 * @param beside the new bundle where it is already there, as a try that was left undecided leaves
 *     it; else null
 * @param feature how the features are to change; null where no feature has the bundle
 */
record Plan(String what, Bundle old, Jar jar, Bundle beside, FeatureChange feature) {
    /** The old bundle as {@link dev.karst.admin.ProviderInfo#bundle} says it. */
    String oldId() {
        return old.getSymbolicName() + " " + old.getVersion();
    }

    /**
     * A feature that gets another bundle and version.
     *
     * @param repository the file of features that has it now; a copy with the change takes its
     *     place
     * @param definition a file of features that has the new version; empty where the present one
     *     gets the new bundle
     * @param fromUrl the bundle as it is named in the definition
     */
    record FeatureChange(
            String name,
            String from,
            String to,
            String repository,
            String definition,
            String fromUrl) {}
}
