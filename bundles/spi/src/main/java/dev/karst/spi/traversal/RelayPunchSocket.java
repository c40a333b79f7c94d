// SPDX-License-Identifier: Apache-2.0
package dev.karst.spi.traversal;

import dev.karst.spi.relay.RelaySocket;
import org.osgi.annotation.versioning.ProviderType;

/**
 * An attempt's view of an address at a relay: {@link #local} is the relayed address. The peer's
 * addresses have to be permitted before its checks come through.
 */
@ProviderType
public interface RelayPunchSocket extends PunchSocket, RelaySocket {}
