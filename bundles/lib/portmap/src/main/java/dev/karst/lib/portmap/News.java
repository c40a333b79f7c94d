// SPDX-License-Identifier: Apache-2.0
package dev.karst.lib.portmap;

import java.net.InetAddress;
import java.util.Optional;

/**
 * What a gateway said of itself.
 *
 * @param epoch its seconds, see {@link Epoch}
 * @param external its external address, if it told
 */
public record News(long epoch, Optional<InetAddress> external) {}
