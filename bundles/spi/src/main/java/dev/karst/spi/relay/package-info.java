// SPDX-License-Identifier: Apache-2.0
/** Servers that pass data on where no direct path is to be had. */
@Export
@Version("1.0.0")
package dev.karst.spi.relay;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
