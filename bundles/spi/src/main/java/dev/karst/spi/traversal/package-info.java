// SPDX-License-Identifier: Apache-2.0
/** Ideas for finding a path to a peer. */
@Export
@Version("1.0.0")
package dev.karst.spi.traversal;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
