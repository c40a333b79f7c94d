// SPDX-License-Identifier: Apache-2.0
/** Ports opened on the router in front of this node. */
@Export
@Version("1.0.0")
package dev.karst.spi.portmap;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
