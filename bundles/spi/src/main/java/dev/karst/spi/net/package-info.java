// SPDX-License-Identifier: Apache-2.0
/** The network as the core offers it to providers, and the driver that turns the core's sockets. */
@Export
@Version("1.0.0")
package dev.karst.spi.net;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
