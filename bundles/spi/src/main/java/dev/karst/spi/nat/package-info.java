// SPDX-License-Identifier: Apache-2.0
/** What is known of the address translation between this node and the Internet. */
@Export
@Version("1.0.0")
package dev.karst.spi.nat;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
