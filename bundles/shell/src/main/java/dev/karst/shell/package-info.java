// SPDX-License-Identifier: Apache-2.0
/**
 * Commands of the scope {@code karst} for Karaf's shell. Karaf makes an instance per execution and
 * needs the classes public; nothing here is exported.
 */
@Header(name = "Karaf-Commands", value = "dev.karst.shell")
package dev.karst.shell;

import org.osgi.annotation.bundle.Header;
