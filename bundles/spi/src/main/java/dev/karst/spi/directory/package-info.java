// SPDX-License-Identifier: Apache-2.0
/** Finding a peer's record by its id. */
@Export
@Version("1.0.0")
package dev.karst.spi.directory;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
