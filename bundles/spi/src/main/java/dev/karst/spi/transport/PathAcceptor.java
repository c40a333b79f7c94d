// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.transport;

import org.osgi.annotation.versioning.ProviderType;

/** The core, taking inbound paths; may be called on any thread and does not block. */
@ProviderType
@FunctionalInterface
public interface PathAcceptor {
    void accepted(Path path);
}
