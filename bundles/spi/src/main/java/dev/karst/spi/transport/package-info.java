// SPDX-License-Identifier: Apache-2.0
/** Ways to carry frames between two endpoints. */
@Export
@Version("1.0.0")
package dev.karst.spi.transport;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
