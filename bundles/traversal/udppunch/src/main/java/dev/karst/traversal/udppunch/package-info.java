// SPDX-License-Identifier: Apache-2.0
/** UDP hole punching: both sides run an ICE agent (RFC 8445) over the node's shared sockets. */
package dev.karst.traversal.udppunch;
