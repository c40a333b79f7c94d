// SPDX-License-Identifier: Apache-2.0
/** Small sealed messages to a peer that no path reaches yet. */
@Export
@Version("1.0.0")
package dev.karst.spi.signaling;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
