// SPDX-License-Identifier: Apache-2.0
/** What every provider shares: its {@link dev.karst.spi.Scope}, and how it names itself. */
@Export
@Version("1.0.0")
package dev.karst.spi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
