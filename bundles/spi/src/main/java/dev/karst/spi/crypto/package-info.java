// SPDX-License-Identifier: Apache-2.0
/** Noise handshakes and sealed records for paths. */
@Export
@Version("1.0.0")
package dev.karst.spi.crypto;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
