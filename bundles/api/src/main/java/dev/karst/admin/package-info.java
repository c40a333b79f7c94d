// SPDX-License-Identifier: Apache-2.0
/** For operators: what is installed, and moving work off a provider before it is stopped. */
@Export
@Version("1.0.0")
package dev.karst.admin;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
